import assert from 'node:assert/strict';
import test from 'node:test';
import { vendorLimits } from '#simulators/maintainx/config';
import { bench, plant, type Answer } from '#simulators/maintainx/twin.fixture';

const allowance = ({ headers }: Answer): unknown[] => ['x-rate-limit-limit', 'x-rate-limit-remaining', 'x-rate-limit-reset'].map((name) => headers[name]);

test('a user has 100 requests a minute; the headers count down, Reset is in seconds, and the next window is whole again', () => {
  const at = bench({ rateLimits: vendorLimits });
  assert.deepEqual(allowance(at.call('GET', '/assets')), ['100', '99', '60']);
  at.clock.advance(12_500);
  for (let i = 0; i < 98; i++) assert.equal(at.call('GET', '/assets').status, 200);
  assert.deepEqual(allowance(at.call('GET', '/assets')), ['100', '0', '48']);
  const refused = at.call('POST', '/parts', { name: 'x' });
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.body, { error: 'Too many requests' });
  assert.deepEqual(allowance(refused), ['100', '0', '48']);
  assert.equal(at.world.parts.size, 0);
  at.clock.advance(47_499);
  assert.equal(at.call('GET', '/assets').status, 429);
  at.clock.advance(1);
  assert.deepEqual(allowance(at.call('GET', '/assets')), ['100', '99', '60']);
});

test('no window ever lets more through than its limit, in simulated time', () => {
  const at = bench({ rateLimits: { perUser: { requests: 10, windowMs: 60_000 } } });
  let through = 0;
  for (let second = 0; second < 600; second++) {
    for (let i = 0; i < 3; i++) if (at.call('GET', '/parts').status === 200) through++;
    at.clock.advance(1000);
  }
  assert.equal(through, 100);
});

test("the organisation's limit counts all of its users together, and the tightest window is told", () => {
  const keys = [1, 2].map((n) => ({ key: `key ${n}`, userId: n, organizationIds: [12] }));
  const at = bench({ keys, rateLimits: { perUser: { requests: 4, windowMs: 60_000 }, perOrganization: { requests: 6, windowMs: 60_000 } } });
  const as = (n: number): Answer => at.call('GET', '/parts', undefined, { authorization: `Bearer key ${n}` });
  for (let i = 0; i < 4; i++) assert.equal(as(1).status, 200);
  assert.equal(as(1).status, 429);
  assert.deepEqual(allowance(as(2)), ['6', '1', '60']);
  assert.equal(as(2).status, 200);
  assert.equal(as(2).status, 429);
});

test('readings have limits of their own: by kind of meter and by path', () => {
  const at = bench({ rateLimits: { ...vendorLimits, perUser: { requests: 10_000, windowMs: 60_000 } } });
  const manual = at.world.addMeter({ name: 'Hours', unit: 'Hours' }).id;
  const sensor = at.world.addMeter({ name: 'Vibration', unit: 'mm/s', measurementType: 'AUTOMATED_SENSOR' }).id;
  const post = (meterId: number): number =>
    at.call('POST', '/meterreadings', [
      { meterId, value: 1 },
      { meterId, value: 2 },
    ]).status;
  for (let i = 0; i < 10; i++) assert.equal(post(manual), 201);
  assert.equal(post(manual), 429);
  assert.equal(post(sensor), 201);
  at.clock.advance(24 * 3_600_000);
  assert.equal(post(manual), 201);
  const single = (): number => at.call('POST', `/meters/${sensor}/readings`, { readingValue: 1 }).status;
  assert.equal(single(), 201);
  assert.equal(single(), 429);
  at.clock.advance(10_000);
  assert.equal(single(), 201);
  for (let i = 0; i < 100; i++) post(sensor);
  assert.equal(post(sensor), 429);
});

test("without limits there are no headers, and the throttle answer is the vendor's own", () => {
  const at = bench();
  plant(at);
  assert.deepEqual(allowance(at.call('GET', '/parts')), [undefined, undefined, undefined]);
  const answer = at.twin.throttleAnswer();
  assert.equal(answer.status, 429);
  assert.deepEqual(JSON.parse(answer.body), { error: 'Too many requests' });
  assert.equal(answer.headers['x-rate-limit-remaining'], '0');
});
