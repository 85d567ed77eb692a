/** How bytes reach a system. `rest` and `odata` are in their own files; each gives `Api`, the object that verbs call. */
export interface Transport<Config, Api> {
  readonly scheme: 'rest' | 'odata' | 'soap' | 'files' | 'sql' | 'mqtt';
  open(wire: Wire<Config>): Api;
  /** The cheapest call that proves the address, the credential and the permission. */
  probe(api: Api): Promise<void>;
}

export interface Wire<Config> {
  readonly config: Config;
  readonly rehearsal: boolean;
  readonly signal: AbortSignal;
  /** Sends one signed request; rejects with TypeError where no answer came. Follows no redirect. */
  send(request: Request): Promise<Response>;
  now(): number;
}
