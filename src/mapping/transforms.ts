import { invariant } from '#base/fault';
import { moneyTransforms } from '#mapping/money-transforms';
import { numberTransforms } from '#mapping/number-transforms';
import { textTransforms } from '#mapping/text-transforms';
import { timeTransforms } from '#mapping/time-transforms';
import type { Transform } from '#mapping/transform';
import { unitTransforms } from '#mapping/unit-transforms';

const all: readonly Transform[] = [...textTransforms, ...numberTransforms, ...timeTransforms, ...moneyTransforms, ...unitTransforms];

/** The catalogue: every transform by name. To add one, write it with examples and refusals in a topic file; the tests run them. */
export const transforms: ReadonlyMap<string, Transform> = new Map(all.map((transform) => [transform.name, transform]));
invariant(transforms.size === all.length, 'every transform has a name of its own');
