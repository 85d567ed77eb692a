import * as z from 'zod';
import { isoTime } from '#base/clock';
import { page } from '#simulators/maintainx/paging';
import { roles, type Team, type User } from '#simulators/maintainx/records';
import { invalid, Refusal } from '#simulators/maintainx/refusal';
import { allMustExist, isoOrNull, type Actor, type World } from '#simulators/maintainx/world';
import {
  cents,
  choices,
  extraFields,
  externalData,
  flag,
  id,
  name,
  parsed,
  text,
  visible,
  withinLength,
  type Call,
  type Route,
} from '#simulators/maintainx/wire';

const email = z
  .string()
  .max(320)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');
const shared = {
  role: z.enum(roles).nullable().optional(),
  customRole: text.nullable().optional(),
  email: email.nullable().optional(),
  phoneNumber: z.string().max(40).nullable().optional(),
  externalData: externalData.optional(),
  extraFields: extraFields.optional(),
  authType: z.enum(['NORMAL', 'SAML', 'OIDC']).nullable().optional(),
  hourlyRate: cents.nonnegative().nullable().optional(),
};
export const newUser = z.strictObject({
  firstName: name,
  lastName: name,
  ...shared,
  inviteType: z.enum(['ALL', 'EMAIL', 'SMS', 'NONE']).nullable().optional(),
});
export const changedUser = z.strictObject({ firstName: name.optional(), lastName: name.optional(), ...shared });

function check(world: World, actor: Actor, input: z.infer<typeof changedUser>, self: number | undefined): void {
  withinLength(world, { names: { firstName: input.firstName, lastName: input.lastName } });
  for (const label of Object.keys(input.extraFields ?? {})) {
    if (!world.config.userFields.includes(label)) throw invalid(`extraFields.${label}`, `Custom field "${label}" does not exist on users`, label);
  }
  if (!input.email) return;
  const wanted = input.email.toLowerCase();
  for (const user of world.users.values()) {
    if (user.id !== self && user.organizationId === actor.organizationId && !user.removedFromOrganization && user.email?.toLowerCase() === wanted)
      throw invalid('email', `A user with the email ${input.email} already exists`, input.email);
  }
}

export function createUser(world: World, actor: Actor, input: z.infer<typeof newUser>, id = world.id('user')): User {
  check(world, actor, input, undefined);
  const now = world.clock.now();
  const user: User = {
    id,
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    firstName: input.firstName,
    lastName: input.lastName,
    email: input.email ?? null,
    phoneNumber: input.phoneNumber ?? null,
    role: input.role ?? 'MEMBER',
    customRole: input.customRole ?? null,
    authType: input.authType ?? 'NORMAL',
    hourlyRate: input.hourlyRate ?? null,
    externalData: input.externalData ?? null,
    extraFields: { ...input.extraFields },
    removedFromOrganization: false,
    lastVisitedAt: null,
  };
  world.users.set(user.id, user);
  world.emit(actor, {
    type: 'USER_INVITED',
    body: { orgId: actor.organizationId, actorId: actor.userId, targetUserId: user.id, role: user.role, creationMethod: 'API', occurredAt: isoTime(now) },
  });
  return user;
}

export function changeUser(world: World, actor: Actor, user: User, input: z.infer<typeof changedUser>): User {
  check(world, actor, input, user.id);
  const before = user.role;
  if (input.firstName !== undefined) user.firstName = input.firstName;
  if (input.lastName !== undefined) user.lastName = input.lastName;
  if (input.email !== undefined) user.email = input.email;
  if (input.phoneNumber !== undefined) user.phoneNumber = input.phoneNumber;
  if (input.role) user.role = input.role;
  if (input.customRole !== undefined) user.customRole = input.customRole;
  if (input.authType) user.authType = input.authType;
  if (input.externalData !== undefined) user.externalData = input.externalData;
  if (input.hourlyRate !== undefined) user.hourlyRate = input.hourlyRate;
  user.extraFields = { ...user.extraFields, ...input.extraFields };
  user.updatedAt = world.clock.now();
  if (before !== user.role)
    world.emit(actor, {
      type: 'USER_ROLE_CHANGED',
      body: {
        orgId: actor.organizationId,
        actorId: actor.userId,
        targetUserId: user.id,
        oldRole: before,
        newRole: user.role,
        occurredAt: isoTime(user.updatedAt),
      },
    });
  return user;
}

/** Takes a user out of the organisation; his records stay, lists no longer show him. */
export function removeUser(world: World, actor: Actor, user: User): void {
  if (user.id === actor.userId) throw new Refusal(400, [{ error: 'A user cannot remove itself' }]);
  user.removedFromOrganization = true;
  user.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'USER_REMOVED',
    body: { orgId: actor.organizationId, actorId: actor.userId, targetUserId: user.id, occurredAt: isoTime(user.updatedAt) },
  });
}

/** Cents per hour: the user's own, or the organisation's. */
export const rateOf = (world: World, user: User): number | null => user.hourlyRate ?? world.config.defaultHourlyRate ?? null;

function row(world: World, user: User): Record<string, unknown> {
  return {
    id: user.id,
    firstName: user.firstName,
    lastName: user.lastName,
    email: user.email,
    phoneNumber: user.phoneNumber,
    authType: user.authType,
    hourlyRate: rateOf(world, user) ?? undefined,
    lastVisitedAt: isoOrNull(user.lastVisitedAt),
  };
}

const detail = (world: World, user: User): Record<string, unknown> => ({
  ...row(world, user),
  role: user.role,
  customRole: user.customRole,
  removedFromOrganization: user.removedFromOrganization,
  externalData: user.externalData,
  extraFields: user.extraFields,
});

function list(call: Call): unknown {
  const expand = choices(call.query, 'expand', ['role', 'extra_fields']);
  const emails = call.query.getAll('email').map((one) => one.toLowerCase());
  const assignable = flag(call.query, 'onlyAssignable');
  return page(call, {
    collection: 'users',
    paging: 'offset',
    rows: call.world.users.values(),
    where: [
      (user) => !user.removedFromOrganization,
      ...(emails.length === 0 ? [] : [(user: User) => user.email !== null && emails.includes(user.email.toLowerCase())]),
      ...(assignable ? [(user: User) => user.role !== 'REQUESTER' && user.role !== 'SERVICE_ACCOUNT'] : []),
    ],
    view: (user) => ({
      ...row(call.world, user),
      ...(expand.includes('role') ? { role: user.role } : {}),
      ...(expand.includes('extra_fields') ? { extraFields: user.extraFields } : {}),
    }),
  });
}

const newTeam = z.strictObject({
  name,
  description: text.optional(),
  assetIds: z.array(id).optional(),
  locationIds: z.array(id).optional(),
  memberIds: z.array(id).optional(),
});

export function createTeam(world: World, actor: Actor, input: z.infer<typeof newTeam>): Team {
  allMustExist(world.assets, input.assetIds, 'assetIds', actor);
  allMustExist(world.locations, input.locationIds, 'locationIds', actor);
  allMustExist(world.users, input.memberIds, 'memberIds', actor);
  const now = world.clock.now();
  const team: Team = {
    id: world.id('team'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    name: input.name,
    description: input.description ?? null,
    memberIds: input.memberIds ?? [],
    assetIds: input.assetIds ?? [],
    locationIds: input.locationIds ?? [],
  };
  world.teams.set(team.id, team);
  return team;
}

const teamDetail = (team: Team): Record<string, unknown> => ({
  id: team.id,
  name: team.name,
  description: team.description ?? '',
  assetIds: team.assetIds,
  membersCount: team.memberIds.length,
  locationIds: team.locationIds,
});

const one = (call: Call): User => visible(call, call.world.users, 'user');

export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/users', success: 200, query: ['onlyAssignable', 'email', 'expand'], handle: list },
  { method: 'POST', path: '/users', success: 201, handle: (call) => ({ id: createUser(call.world, call.actor(), parsed(newUser, call.body)).id }) },
  { method: 'GET', path: '/users/{}', success: 200, handle: (call) => ({ user: detail(call.world, one(call)) }) },
  {
    method: 'PATCH',
    path: '/users/{}',
    success: 200,
    handle: (call) => ({ user: detail(call.world, changeUser(call.world, call.actorOn(one(call)), one(call), parsed(changedUser, call.body))) }),
  },
  { method: 'DELETE', path: '/users/{}', success: 204, handle: (call) => removeUser(call.world, call.actorOn(one(call)), one(call)) },
  {
    method: 'GET',
    path: '/teams',
    success: 200,
    handle: (call) =>
      page(call, { collection: 'teams', paging: 'offset', rows: call.world.teams.values(), view: (team) => ({ id: team.id, name: team.name }) }),
  },
  { method: 'POST', path: '/teams', success: 201, handle: (call) => ({ id: createTeam(call.world, call.actor(), parsed(newTeam, call.body)).id }) },
  { method: 'GET', path: '/teams/{}', success: 200, handle: (call) => ({ team: teamDetail(visible(call, call.world.teams, 'team')) }) },
];
