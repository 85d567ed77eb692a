import { jsonText } from '#store/limits';
import { eventStates, type EventRow, type NewEvent } from '#store/port';
import { whole } from '#store/rows';

/** The columns of a lane that writes look at. */
export interface LaneRow {
  readonly lane: string;
  readonly bucket: number;
  readonly kind: string;
  readonly state: string;
  epoch: number;
  owner: string | null;
  interrupted: number;
  due_at: number | null;
  urgency: number;
  seq: number;
  seen: number;
  ordinal: number;
}

/** The columns that make a LaneRow. */
export const laneColumns = 'lane, bucket, kind, state, epoch, owner, interrupted, due_at, urgency, seq, seen, ordinal';

/** A new event as a row; the lane's counter moves on. */
export function eventRow(
  event: NewEvent,
  lane: LaneRow,
  { now, state, reason }: { now: number; state: EventRow['state']; reason: string },
): Record<string, unknown> {
  lane.seq += 1;
  return {
    lane: lane.lane,
    bucket: lane.bucket,
    seq: lane.seq,
    kind: event.kind,
    key: event.key,
    source: event.source,
    object: event.object,
    version: event.version,
    urgency: event.urgency,
    thread: event.thread,
    site: event.site,
    data: jsonText(event.data),
    at: event.at,
    received_at: now,
    state,
    reason,
    settled_at: eventStates[state].terminal ? now : null,
  };
}

/** Lane and key as one text. */
export function pair(lane: string, key: string): string {
  return `${lane}\0${key}`;
}

/** A new event makes a free lane due, and a lane as urgent as itself. */
export function wake(lane: LaneRow, event: NewEvent, now: number): void {
  lane.urgency = lane.due_at === null ? event.urgency : Math.max(lane.urgency, event.urgency);
  if (lane.owner === null) lane.due_at = Math.min(lane.due_at ?? now, now);
}

/** What is written back of a lane. */
export function laneUpdate({ lane, bucket, epoch, owner, interrupted, due_at, urgency, seq, seen, ordinal }: LaneRow): Record<string, unknown> {
  return { lane, bucket, epoch, owner, interrupted, due_at, urgency, seq, seen, ordinal, state: null };
}

/** A lane from a database row. */
export function laneRow(raw: Readonly<Record<string, unknown>>): LaneRow {
  return {
    lane: String(raw['lane']),
    bucket: whole(raw['bucket']),
    kind: String(raw['kind']),
    state: String(raw['state']),
    epoch: whole(raw['epoch']),
    owner: raw['owner'] === null ? null : String(raw['owner']),
    interrupted: whole(raw['interrupted']),
    due_at: raw['due_at'] === null ? null : whole(raw['due_at']),
    urgency: whole(raw['urgency']),
    seq: whole(raw['seq']),
    seen: whole(raw['seen']),
    ordinal: whole(raw['ordinal']),
  };
}

/** Nobody holds it, or its lease ran out. */
export function free(row: LaneRow, now: number): boolean {
  return row.owner === null || (row.due_at !== null && row.due_at <= now);
}
