import { pricePerOf } from '#demo/price';

/** The plant's only site; it is its company code too. */
export const siteCode = '1000';
/** The tables name no currency; the company is American. */
export const currency = 'USD';
/** The day before the first purchase order of the history. */
export const openedOn = '2011-04-15';

/** A location's storeroom code: storage locations have four digits. */
export const storeroomOf = (location: string): string => location.padStart(4, '0');
/** A department's cost centre. */
export const costCentreOf = (department: string): string => `AW${department.padStart(2, '0')}`;
/** Personnel numbers start at 10001. */
export const employeeCode = (id: string): string => String(10_000 + Number(id));
/** The asset that stands for a work centre. */
export const workCentreOf = (location: string): string => `AW-WC${location.padStart(2, '0')}`;
/** The asset above all work centres. */
export const plantAsset = 'AW-PLANT';

/**
 * Which department works at which location: all that have routing rows are workshops of Production. The tables do not say; this is the only department of
 * group Manufacturing whose people make things (the other, Production Control, plans).
 */
export const departmentOfLocation: Readonly<Record<string, string>> = { 10: '7', 20: '7', 30: '7', 40: '7', 45: '7', 50: '7', 60: '7' };

/** A price of the tables: four places at most. */
export const priceOf = pricePerOf;
