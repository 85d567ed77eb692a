const secretNames =
  /^(authorization|cookie|set-cookie|x-api-key|apikey|api[-_]?key|password|secret|token|access_token|refresh_token|client_secret|clientsecret|x-csrf-token|hourlyrate|labourrate)$/i;
const secretText = [
  /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g,
  /([?&](?:token|key|secret|password|signature)=)[^&\s]+/gi,
];

/** A copy without secrets: members with a secret's name and texts that look like credentials are replaced by `***`. Depth and length are bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return secretText.reduce(
      (text, pattern) =>
        text.replace(pattern, (_all, lead: unknown) => (typeof lead === 'string' && lead.length > 1 && /[?&]/.test(lead) ? `${lead}***` : '***')),
      value.length > 20_000 ? `${value.slice(0, 20_000)}…` : value,
    );
  if (value === null || typeof value !== 'object') return value;
  if (depth > 12) return '…';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Error) return { name: value.name, message: redact(value.message, depth + 1) };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, secretNames.test(name) ? '***' : redact(member, depth + 1)]));
}
