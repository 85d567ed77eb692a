import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isoDate, ManualClock } from '#base/clock';
import { StoryClock } from '#demo/story-clock';

const start = Date.parse('2013-12-01T06:00:00Z');

describe('a clock that is set to the day of the story', () => {
  test('it shows the day it is set to and runs on with the machine', () => {
    const machine = new ManualClock(1_000);
    const clock = new StoryClock(machine, start);
    assert.equal(isoDate(clock.now()), '2013-12-01');
    machine.advance(500);
    assert.equal(clock.now(), start + 500);
  });

  test('a move ends the waits that it passes, in the order of their time, and leaves the others their rest', () => {
    const machine = new ManualClock(0);
    const clock = new StoryClock(machine, start);
    const ran: string[] = [];
    clock.after(2_000, () => ran.push('second'));
    clock.after(1_000, () => ran.push('first'));
    clock.after(10_000, () => ran.push('later'));
    clock.moveTo(start + 3_000);
    assert.deepEqual(ran, ['first', 'second']);
    machine.advance(6_999);
    assert.equal(ran.length, 2);
    machine.advance(1);
    assert.deepEqual(ran, ['first', 'second', 'later']);
  });

  test('a wait ends with the machine alone, once', () => {
    const machine = new ManualClock(0);
    const clock = new StoryClock(machine, start);
    let ran = 0;
    clock.after(1_000, () => ran++);
    machine.advance(1_000);
    clock.moveTo(start + 86_400_000);
    assert.equal(ran, 1);
  });

  test('what is cancelled never runs, not even by another wait of the same move', () => {
    const clock = new StoryClock(new ManualClock(0), start);
    let ran = 0;
    const cancel = clock.after(2_000, () => ran++);
    clock.after(1_000, cancel);
    clock.moveTo(start + 5_000);
    assert.equal(ran, 0);
  });

  test('time never goes back', () => {
    const clock = new StoryClock(new ManualClock(0), start);
    clock.moveTo(start - 86_400_000);
    assert.equal(clock.now(), start);
  });
});
