import { Fault } from '#base/fault';
import type { Session } from '#spi/connector';
import { openOData, type ODataClient } from '#spi/odata';
import { classifyOData } from '#spi/odata-errors';
import { openSoap, type Soap } from '#spi/soap';
import type { Transport } from '#spi/transport';
import { sapRules } from '#connectors/s4hana/faults';
import { services, type ServiceName } from '#connectors/s4hana/services';
import type { Settings } from '#connectors/s4hana/settings';
import { inEnglishUnits, unitCodes } from '#connectors/s4hana/unit-codes';

/** What the verbs call. */
export interface System {
  on(service: ServiceName): ODataClient;
  /** A service of the customer's own. */
  custom(service: { readonly name: string; readonly root: string; readonly version: 'v2' | 'v4' }): ODataClient;
  /** The purchase requisition and purchase order services in the version that the settings name, or that the system has. */
  requisition(): Promise<ODataClient>;
  order(): Promise<ODataClient>;
  readonly soap: Soap;
  /** Company codes of cost centres, read once: they do not change while a cost centre is valid. */
  readonly companyCodes: Map<string, string>;
}
export type S4Session = Session<Settings, System>;

const base = ({ baseUrl }: Settings): string => new URL(baseUrl).origin;

/** OData and SOAP on one host, with one session and one token. */
export const transport: Transport<Settings, System> = {
  scheme: 'odata',
  origins: (config) => [base(config)],
  open(wire) {
    const { config } = wire;
    const always = { ...(config.sapClient === undefined ? {} : { 'sap-client': config.sapClient }), 'sap-language': config.language };
    const odata = openOData(wire, { base: base(config), always, headers: { 'accept-language': config.language.toLowerCase() }, rules: sapRules });
    const codes = unitCodes(config.unitCodes);
    const on = (name: ServiceName): ODataClient => inEnglishUnits(odata.on(services[name].service), codes);
    const chooser = (wanted: 'auto' | 'v2' | 'v4', newer: ServiceName, older: ServiceName): (() => Promise<ODataClient>) => {
      let chosen: Promise<ODataClient> | undefined;
      const ask = async (): Promise<ODataClient> => {
        if (wanted !== 'auto') return on(wanted === 'v4' ? newer : older);
        if (await odata.offers(services[newer].service)) return on(newer);
        if (await odata.offers(services[older].service)) return on(older);
        throw new Fault('forbidden', `the system offers this user neither ${services[newer].service.name} nor ${services[older].service.name}`);
      };
      // A failed question is asked again; an answer holds for the life of the connection.
      return () =>
        (chosen ??= ask().catch((error: unknown) => {
          chosen = undefined;
          throw error;
        }));
    };
    const query = Object.entries(always)
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    return {
      on,
      custom: (service) => inEnglishUnits(odata.on(service), codes),
      requisition: chooser(config.odata.requisition, 'requisitionV4', 'requisitionV2'),
      order: chooser(config.odata.order, 'orderV4', 'orderV2'),
      companyCodes: new Map(),
      soap: openSoap(wire, { base: base(config), query, classify: (answer) => classifyOData(answer, sapRules, wire.now()) }),
    };
  },
  probe: async (system) => {
    await system.on('product').metadata();
  },
};
