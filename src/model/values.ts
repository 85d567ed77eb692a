import * as z from 'zod';
import { isDecimal } from '#base/decimal';

/** A decimal as text: `-12.5`. JSON numbers are refused, so that no binary float enters. */
export const DecimalText = z.string().refine(isDecimal, 'a plain decimal such as 12.5 is expected');

/** A unit of measure: a code in a named system of codes (`sap`, `rec20`, or a connection's own). */
export const UnitCode = z.object({ system: z.string().min(1), code: z.string().min(1).max(20) });

export const QuantityValue = z.object({ value: DecimalText, unit: UnitCode });

/** An amount in minor units of an ISO 4217 currency. */
export const MoneyValue = z.object({ minor: z.int(), currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 currency code such as EUR is expected') });

/** A hub id of another record: `cmms.41001`. The crosswalk knows its number in each system. */
export const Ref = z.string().min(1).max(120);

/** A calendar day, `2026-03-04`. */
export const Day = z.iso.date();

/** An instant in UTC, `2026-03-04T16:00:00.000Z`. */
export const Instant = z.iso.datetime();

export const Text = z.string().max(10_000);
export const Code = z.string().min(1).max(120);
