import { machineClock } from '#base/clock';
import { Fault } from '#base/fault';
import { machineRandom } from '#base/random';
import { generatedPlant } from '#demo/generated-plant';
import { briskBusiness, openStage } from '#demo/stage';
import { options, print, type Command } from './command.ts';

/** The twins by the name of the vendor's system and by the side that they play. */
const sides: Readonly<Record<string, 'finance' | 'maintenance'>> = {
  s4hana: 'finance',
  finance: 'finance',
  maintainx: 'maintenance',
  maintenance: 'maintenance',
};

export const command: Command = {
  help:
    'linchpin twin s4hana|maintainx [--port PORT] [--seed N]\n\n' +
    'Starts one twin alone, on loopback, with a small plant in it: s4hana (also: finance) or maintainx (also: maintenance).\n' +
    'Open the address that is printed in a browser to look inside and to press its fault buttons. The same for programs:\n' +
    '  GET  /_twin                     counts, buttons with their state, the last writes\n' +
    '  GET  /_twin/tables/NAME         records; ?filter=TEXT&offset=N&limit=N\n' +
    '  POST /_twin/press               {"fault": "answerLost", "times": 1, "match": "POST /"}\n' +
    '  POST /_twin/release             {"fault": "answerLost"}, or {} for all\n',
  async run(args) {
    const { values, positionals } = options(args, { port: { type: 'string', default: '4700' }, seed: { type: 'string', default: '1' } });
    const [name = ''] = positionals;
    const side = Object.hasOwn(sides, name) ? sides[name] : undefined;
    if (side === undefined) throw new Fault('misconfigured', `there is no twin ${JSON.stringify(name)}: name s4hana or maintainx`);
    const [port, seed] = [wholeOf(values.port, 'port', 65_535), wholeOf(values.seed, 'seed', Number.MAX_SAFE_INTEGER)];
    const stage = await openStage({
      plant: generatedPlant(seed, { assets: 60, parts: 90, people: 12 }),
      clock: machineClock,
      random: machineRandom,
      automation: briskBusiness,
      ports: { finance: port, maintenance: port },
      only: side,
    });
    const { secrets } = stage;
    if (side === 'finance') print(`${stage.finance.url}  (user LINCHPIN, password ${secrets.get('erp/password') ?? ''})`);
    else for (const { url, connection, site } of stage.maintenance.values()) print(`${url}/v1  (${site}: key ${secrets.get(`${connection}/token`) ?? ''})`);
    print(`look inside and press buttons: ${side === 'finance' ? stage.finance.url : (stage.maintenance.values().next().value?.url ?? '')}/_twin`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await stage.close();
    return 0;
  },
};

function wholeOf(text: unknown, option: string, most: number): number {
  const value = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= most)) throw new Fault('misconfigured', `--${option} ${String(text)}: a whole number from 0 to ${most} is expected`);
  return value;
}
