import { machineClock } from '#base/clock';
import { Fault } from '#base/fault';
import { machineRandom } from '#base/random';
import { generatedPlant } from '#demo/generated-plant';
import { briskBusiness, openStage } from '#demo/stage';
import { options, print, type Command } from './command.ts';

export const command: Command = {
  help: 'linchpin twin finance|maintenance [--port PORT] [--seed N]\n\nStarts a twin alone, on loopback, with a small plant in it. GET /_twin looks inside; POST /_twin/press {"fault": "answerLost", "times": 1} presses a button, POST /_twin/release lets go.\n',
  async run(args) {
    const { values, positionals } = options(args, { port: { type: 'string', default: '4700' }, seed: { type: 'string', default: '1' } });
    const [which] = positionals;
    if (which !== 'finance' && which !== 'maintenance') throw new Fault('misconfigured', 'name a twin: finance or maintenance');
    const port = Number(values.port);
    const stage = await openStage({
      plant: generatedPlant(Number(values.seed), { assets: 60, parts: 90, people: 12 }),
      clock: machineClock,
      random: machineRandom,
      automation: briskBusiness,
      ports: which === 'finance' ? { finance: port, maintenance: port + 1 } : { finance: port + 10, maintenance: port },
    });
    const served =
      which === 'finance'
        ? [{ url: stage.finance.url, sign: `user LINCHPIN, password ${stage.secrets.get('erp/password') ?? ''}` }]
        : [...stage.maintenance.values()].map(({ url, connection }) => ({ url, sign: `key ${stage.secrets.get(`${connection}/token`) ?? ''}` }));
    for (const { url, sign } of served) print(`${url}  (${sign})\n  look inside: ${url}/_twin`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await stage.close();
    return 0;
  },
};
