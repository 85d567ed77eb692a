import { Refusal } from '../world/refusal.ts';

/** An answer that is an error: the status, the vendor's code and text, and where it belongs. */
export class OdataError extends Error {
  override readonly name = 'OdataError';
  readonly status: number;
  readonly code: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, target = '', headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.target = target;
    this.headers = headers;
  }
}

/** What was thrown, as an answer. Anything unforeseen is a bug and passes on. */
export function asOdataError(error: unknown): OdataError {
  if (error instanceof OdataError) return error;
  if (error instanceof Refusal) return new OdataError(400, error.code, error.message, error.target);
  throw error;
}

/** The body of an error in the words of the protocol version. `nowMs` stamps it. */
export function errorBody(
  error: OdataError,
  service: { readonly protocol: 'v2' | 'v4'; readonly id: string; readonly component: string },
  nowMs: number,
): string {
  const detail = { code: error.code, message: error.message, target: error.target };
  if (service.protocol === 'v4') {
    return JSON.stringify({
      error: {
        ...detail,
        '@SAP__common.numericSeverity': 4,
        details: [{ ...detail, '@SAP__common.numericSeverity': 4 }],
        innererror: {
          ErrorDetails: {
            '@SAP__common.Application': { ComponentId: service.component, ServiceRepository: 'SRVD_A2X', ServiceId: service.id, ServiceVersion: '0001' },
          },
        },
      },
    });
  }
  const timestamp = `${new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 14)}.${String(nowMs % 1000).padStart(3, '0')}0000`;
  return JSON.stringify({
    error: {
      code: error.code,
      message: { lang: 'en', value: error.message },
      innererror: {
        application: { component_id: service.component, service_namespace: '/SAP/', service_id: service.id, service_version: '0001' },
        transactionid: timestamp.replace('.', ''),
        timestamp,
        Error_Resolution: {
          SAP_Transaction: 'Run transaction /IWFND/ERROR_LOG on SAP Gateway hub system and search for entries with the timestamp above for more details',
          SAP_Note: 'See SAP Note 1797736 for error analysis',
        },
        errordetails: [
          { ContentID: '', code: error.code, message: error.message, propertyref: error.target, severity: 'error', transition: false, target: error.target },
        ],
      },
    },
  });
}
