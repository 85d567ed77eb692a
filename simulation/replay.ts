import { createHash } from 'node:crypto';
import type { Json } from '#base/json';
import { Plan, type Flow } from '#engine/flow';
import type { Recorder } from './recorder.ts';

/** One in so many decisions is made twice. */
const every = 4;

/** A flow that decides twice with the same inputs, and says so where the second time differs: whatever it read beside its inputs shows. */
export function replayed(flow: Flow, recorder: Recorder): Flow {
  let count = 0;
  return {
    ...flow,
    decide(input) {
      if (count++ % every !== 0) return flow.decide(input);
      const before = JSON.stringify(input.state);
      flow.decide(input);
      const again = { ...input, state: JSON.parse(before) as Json, plan: new Plan() };
      flow.decide(again);
      const [first, second] = [outputs(input), outputs(again)];
      const { lane, key } = input.event;
      const inputs = hash(`${JSON.stringify(input.event)}\n${before}\n${JSON.stringify(input.policy)}\n${recorder.entries.length}`);
      for (const made of [first, second])
        recorder.entries.push({ at: recorder.now, what: 'replayed', lane, key, flow: flow.name, inputs, outputs: hash(made) });
      if (first !== second) recorder.breach('I15', `${flow.name} decided event ${key} of ${lane} twice with the same inputs, and differently`);
    },
  };
}

const outputs = ({ state, plan }: { readonly state: Json; readonly plan: Plan }): string => JSON.stringify([state, plan]);
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
