/** Fault buttons that act on the wire, whatever the vendor. Each fires `times` times (default: until released) on requests whose `METHOD /path` contains `match`. */
export const wireFaults = {
  slow: 'answers after `delayMs`',
  down: 'closes the connection without an answer; nothing is executed',
  hang: 'never answers; nothing is executed',
  throttled: "answers in the vendor's own words that there were too many requests",
  answerLost: 'executes the request, then closes the connection without an answer',
  answerCut: 'executes the request, then sends half of the answer',
  serverError: 'answers 500 without executing',
  serverErrorAfterCommit: 'executes the request, then answers 500',
} as const;
export type WireFault = keyof typeof wireFaults;
