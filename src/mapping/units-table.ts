import { invariant } from '#base/fault';

/**
 * The units that maintenance stores use, one meaning per line:
 * name; dimension; how many base units of the dimension one is (exact; empty where there is no fixed ratio); then the codes of that meaning per system, the first being the one that is written.
 * rec20: UN/ECE Recommendation 20 (packages: Recommendation 21 with its X), sap: commercial codes in English, iso: SAP's ISO twins, common: what maintenance systems and their users write, compared without case.
 * A box, a roll or a drum has no ratio: how much is in it is a fact of the part. Temperatures have none, because their scales start at different points.
 */
const table = `
each                |count   |1                    |EA     |EA  |EA |each ea every unit units
piece               |count   |1                    |H87    |PC  |PCE|piece pieces pc pcs pce
one                 |count   |1                    |C62    |    |C62|one no. qty count
pair                |count   |2                    |PR     |PAA |PR |pair pairs pr
dozen               |count   |12                   |DZN    |DZ  |DZN|dozen dozens doz dz
gross               |count   |144                  |GRO    |GRO |GRO|gross gro
hundred             |count   |100                  |CEN    |    |CEN|hundred
thousand            |count   |1000                 |MIL    |TS  |MIL|thousand
set                 |set     |                     |SET    |SET |SET|set sets
kit                 |kit     |                     |KT     |KIT |KT |kit kits
assortment          |assortment|                   |AS     |    |AS |assortment assorted
lot                 |lot     |                     |LO     |LOT |LO |lot lots
service unit        |service |                     |E48    |AU  |E48|service job activity
lump sum            |lump sum|                     |LS     |LS  |LS |lump-sum lumpsum
length              |length of goods|              |LN     |    |LN |length lengths
box                 |box     |                     |XBX BX |BOX |BX |box boxes bx
pack                |pack    |                     |XPK PK |PAC |PK |pack packs package packages pk pkg pack.
carton              |carton  |                     |XCT CT |CAR |CT |carton cartons ctn
case                |case    |                     |XCS CS |CS  |CS |case cases
crate               |crate   |                     |XCR CR |CR  |CR |crate crates
bag                 |bag     |                     |XBG BG |BAG |BG |bag bags
sack                |sack    |                     |XSA SA |    |SA |sack sacks
roll                |roll    |                     |XRO RO |ROL |RO |roll rolls
reel                |reel    |                     |XRL RL |    |RL |reel reels spool spools
can                 |can     |                     |XCA CA |CAN |CA |can cans tin tins
bottle              |bottle  |                     |XBO BO |BT  |BO |bottle bottles btl
drum                |drum    |                     |XDR DR |DR  |DR |drum drums
pail                |pail    |                     |XPL    |    |PL |pail pails
bucket              |bucket  |                     |XBJ BJ |    |BJ |bucket buckets
jar                 |jar     |                     |XJR    |    |JR |jar jars
jerrican            |jerrican|                     |XJC    |    |JC |jerrican canister
tube                |tube    |                     |XTU TU |TU  |TU |tube tubes cartridge cartridges
pallet              |pallet  |                     |XPX    |PAL |PF |pallet pallets plt
bundle              |bundle  |                     |XBE BE |BDL |BE |bundle bundles
sheet               |sheet   |                     |XST ST |    |ST |sheet sheets
coil                |coil    |                     |XCL    |    |CL |coil coils
cylinder            |cylinder|                     |XCY    |    |CY |cylinder cylinders
plate               |plate   |                     |XPG PG |    |PG |plate plates
bar of goods        |bar of goods|                 |XBR    |    |BR |
rod                 |rod     |                     |XRD    |    |RD |rod rods
kilogram            |mass    |1000                 |KGM    |KG  |KGM|kilogram kilograms kg kgs kilo
gram                |mass    |1                    |GRM    |G   |GRM|gram grams g
milligram           |mass    |0.001                |MGM    |MG  |MGM|milligram milligrams mg
tonne               |mass    |1000000              |TNE    |TO  |TNE|tonne tonnes t mt
pound               |mass    |453.59237            |LBR    |LB  |LBR|pound pounds lb lbs
ounce               |mass    |28.349523125         |ONZ    |OZ  |ONZ|ounce ounces oz
short ton           |mass    |907184.74            |STN    |TON |STN|ton tons
long ton            |mass    |1016046.9088         |LTN    |    |LTN|long-ton
troy ounce          |mass    |31.1034768           |APZ    |    |APZ|troy-ounce
millimetre          |length  |1                    |MMT    |MM  |MMT|millimetre millimetres millimeter millimeters mm
centimetre          |length  |10                   |CMT    |CM  |CMT|centimetre centimetres centimeter centimeters cm
decimetre           |length  |100                  |DMT    |DM  |DMT|decimetre decimeter dm
metre               |length  |1000                 |MTR    |M   |MTR|metre metres meter meters m mtr
kilometre           |length  |1000000              |KMT    |KM  |KMT|kilometre kilometres kilometer kilometers km
inch                |length  |25.4                 |INH    |IN "|INH|inch inches in
foot                |length  |304.8                |FOT    |FT  |FOT|foot feet ft
linear foot         |length  |304.8                |LF     |    |LF |linear-foot
linear metre        |length  |1000                 |LM     |    |LM |linear-metre linear-meter lm
yard                |length  |914.4                |YRD    |YD  |YRD|yard yards yd yds
mile                |length  |1609344              |SMI    |MI  |SMI|mile miles mi
square millimetre   |area    |1                    |MMK    |MM2 |MMK|mm2 mm² sqmm
square centimetre   |area    |100                  |CMK    |CM2 |CMK|cm2 cm² sqcm
square decimetre    |area    |10000                |DMK    |    |DMK|dm2 dm²
square metre        |area    |1000000              |MTK    |M2  |MTK|m2 m² sqm
square inch         |area    |645.16               |INK    |IN2 |INK|in2 sqin
square foot         |area    |92903.04             |FTK    |FT2 |FTK|ft2 ft² sqft
square yard         |area    |836127.36            |YDK    |YD2 |YDK|yd2 sqyd
hectare             |area    |10000000000          |HAR    |HA  |HAR|hectare hectares ha
acre                |area    |4046856422.4         |ACR    |ACR |ACR|acre acres
cubic millimetre    |volume  |0.001                |MMQ    |MM3 |MMQ|mm3 mm³
cubic centimetre    |volume  |1                    |CMQ    |CM3 |CMQ|cm3 cm³ cc
cubic decimetre     |volume  |1000                 |DMQ    |DM3 |DMQ|dm3 dm³
cubic metre         |volume  |1000000              |MTQ    |M3  |MTQ|m3 m³ cbm
litre               |volume  |1000                 |LTR    |L   |LTR|litre litres liter liters l ltr
millilitre          |volume  |1                    |MLT    |ML  |MLT|millilitre millilitres milliliter milliliters ml
centilitre          |volume  |10                   |CLT    |CL  |CLT|centilitre centiliter cl
decilitre           |volume  |100                  |DLT    |    |DLT|decilitre deciliter dl
hectolitre          |volume  |100000               |HLT    |HL  |HLT|hectolitre hectoliter hl
cubic inch          |volume  |16.387064            |INQ    |IN3 |INQ|in3 cuin
cubic foot          |volume  |28316.846592         |FTQ    |FT3 |FTQ|ft3 ft³ cuft
cubic yard          |volume  |764554.857984        |YDQ    |YD3 |YDQ|yd3 cuyd
gallon US           |volume  |3785.411784          |GLL    |GAL |GLL|gallon gallons gal
gallon UK           |volume  |4546.09              |GLI    |    |GLI|imperial-gallon
quart US            |volume  |946.352946           |QTL    |QT  |QT |quart quarts qt
pint US             |volume  |473.176473           |PTL    |PT  |PT |pint pints pt
fluid ounce US      |volume  |29.5735295625        |OZA    |FOZ |OZA|floz fl-oz
barrel US           |volume  |158987.294928        |BLL    |    |BLL|barrel barrels bbl
second              |time    |1                    |SEC    |S   |SEC|second seconds sec secs s
minute              |time    |60                   |MIN    |MIN |MIN|minute minutes min mins
hour                |time    |3600                 |HUR    |H HR|HUR|hour hours hr hrs h
labour hour         |time    |3600                 |LH     |    |LH |labour-hour labor-hour man-hour
day                 |time    |86400                |DAY    |DAY |DAY|day days d
week                |time    |604800               |WEE    |WK  |WEE|week weeks wk
month               |month   |1                    |MON    |MON |MON|month months mon
year                |month   |12                   |ANN    |YR  |ANN|year years yr
joule               |energy  |1                    |JOU    |J   |JOU|joule j
kilojoule           |energy  |1000                 |KJO    |KJ  |KJO|kilojoule kj
watt hour           |energy  |3600                 |WHR    |    |WHR|wh
kilowatt hour       |energy  |3600000              |KWH    |KWH |KWH|kwh
megawatt hour       |energy  |3600000000           |MWH    |MWH |MWH|mwh
British thermal unit|energy  |1055.05585262        |BTU    |    |BTU|btu
watt                |power   |1                    |WTT    |W   |WTT|watt w
kilowatt            |power   |1000                 |KWT    |KW  |KWT|kilowatt kw
megawatt            |power   |1000000              |MAW    |MW  |MAW|megawatt mw
horsepower          |power   |745.69987158227022   |BHP    |    |BHP|hp horsepower
volt                |voltage |1                    |VLT    |V   |VLT|volt volts v
kilovolt            |voltage |1000                 |KVT    |KV  |KVT|kilovolt kv
ampere              |current |1                    |AMP    |A   |AMP|ampere amperes amp amps a
milliampere         |current |0.001                |4K     |MA  |4K |milliampere ma
ohm                 |resistance|1                  |OHM    |OHM |OHM|ohm
pascal              |pressure|1                    |PAL    |PA  |PAL|pascal pa
kilopascal          |pressure|1000                 |KPA    |KPA |KPA|kpa
megapascal          |pressure|1000000              |MPA    |MPA |MPA|mpa
bar                 |pressure|100000               |BAR    |BAR |BAR|bar
millibar            |pressure|100                  |MBR    |MBA |MBR|mbar
psi                 |pressure|44482216152605/6451600000|PS |    |PS |psi
atmosphere          |pressure|101325               |ATM    |ATM |ATM|atm
newton              |force   |1                    |NEW    |N   |NEW|newton n
kilonewton          |force   |1000                 |B47    |    |B47|kilonewton kn
pound-force         |force   |4.4482216152605      |C78    |    |C78|lbf
newton metre        |torque  |1                    |NU     |    |NU |nm n·m
metre per second    |speed   |1                    |MTS    |M/S |MTS|m/s
kilometre per hour  |speed   |1000/3600            |KMH    |KMH |KMH|km/h kmh
mile per hour       |speed   |0.44704              |HM     |    |HM |mph
hertz               |frequency|1                   |HTZ    |HZ  |HTZ|hertz hz
kilohertz           |frequency|1000                |KHZ    |KHZ |KHZ|khz
revolutions per minute|frequency|1/60              |RPM    |1/M |RPM|rpm
cubic metre per hour|flow    |1000/3600            |MQH    |    |MQH|m3/h
litre per minute    |flow    |1/60                 |L2     |    |L2 |l/min lpm
litre per second    |flow    |1                    |G51    |    |G51|l/s
degree Celsius      |temperature Celsius|          |CEL    |°C  |CEL|celsius °c degc
degree Fahrenheit   |temperature Fahrenheit|       |FAH    |°F  |FAH|fahrenheit °f degf
kelvin              |temperature Kelvin|           |KEL    |K   |KEL|kelvin
percent             |percent |1                    |P1     |%   |P1 |percent % pct
`;

/** Systems of codes that the table knows. A connection may use a system of its own; its units then mean only themselves. */
export const unitSystems = ['rec20', 'sap', 'iso', 'common'] as const;
export type UnitSystem = (typeof unitSystems)[number];

/** One meaning with its codes. `ratio` is how many base units of the dimension it is, as a fraction of decimals. */
export interface UnitMeaning {
  readonly name: string;
  readonly dimension: string;
  readonly ratio?: { readonly numerator: string; readonly denominator: string };
  readonly codes: { readonly [S in UnitSystem]: readonly string[] };
}

const codesOf = (cell = ''): readonly string[] => cell.split(' ').filter((code) => code !== '');

function meaningOf(line: string): UnitMeaning {
  const [name = '', dimension = '', ratio = '', rec20, sap, iso, common] = line.split('|').map((cell) => cell.trim());
  const [numerator = '', denominator = '1'] = ratio.split('/');
  return {
    name,
    dimension,
    ...(numerator === '' ? {} : { ratio: { numerator, denominator } }),
    codes: { rec20: codesOf(rec20), sap: codesOf(sap), iso: codesOf(iso), common: codesOf(common) },
  };
}

export const unitMeanings: readonly UnitMeaning[] = table.trim().split('\n').map(meaningOf);

function indexOf(system: UnitSystem): ReadonlyMap<string, UnitMeaning> {
  const index = new Map<string, UnitMeaning>();
  for (const meaning of unitMeanings) {
    for (const code of meaning.codes[system]) {
      invariant(!index.has(code), `code ${code} of ${system} has one meaning`);
      index.set(code, meaning);
    }
  }
  return index;
}
const indexes: { readonly [S in UnitSystem]: ReadonlyMap<string, UnitMeaning> } = {
  rec20: indexOf('rec20'),
  sap: indexOf('sap'),
  iso: indexOf('iso'),
  common: indexOf('common'),
};

export const isUnitSystem = (system: string): system is UnitSystem => Object.hasOwn(indexes, system);

/** What a code means; undefined where the table has no row for it. */
export function meaningOfUnit(system: string, code: string): UnitMeaning | undefined {
  return isUnitSystem(system) ? indexes[system].get(system === 'common' ? code.toLowerCase() : code) : undefined;
}
