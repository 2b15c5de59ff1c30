/**
 * What secrets look like. A trigger says that one may follow; the secret is the run of characters behind it. Only the
 * run is replaced, so that a trigger never has to be held back.
 */
export interface SecretRule {
  /** What stands for it: `[REDACTED:<kind>]`. */
  readonly kind: string
  /** The source of a regular expression without groups that capture, for at most `MAX_TRIGGER_CHARS` characters. */
  readonly trigger: string
  /** How a trigger begins, in any case: one of these. */
  readonly begins: readonly string[]
  /** One character of the run, or one escape sequence: the source of a regular expression. */
  readonly unit: string
  /** Whether a run that begins like this is a secret. A longer one with the same beginning is one, too. */
  readonly test: RegExp
  /** A run is told by what follows it: its last character is certain only when the next one is there. */
  readonly looksAhead?: true
  /** The secret ends before the last of these in the run, and is none without. */
  readonly endsBefore?: string
}

export const MAX_TRIGGER_CHARS = 48

/** A word begins, perhaps behind an escape: `\n`, `\u003d`, `%3D`. */
const WORD_START = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=\\u00[0-9A-Fa-f]{2})|(?<=%[0-9A-Fa-f]{2}))`
const WORD = '[A-Za-z0-9_-]'
/** A quotation mark, perhaps escaped, perhaps left out. */
const QUOTE = String.raw`(?:\\{0,3}["'])?`

/** Long enough, and not made of letters alone, as names and prose are; or without any hyphen. */
const RANDOM_WORD = /^(?:[A-Za-z0-9]{20}|(?=[^\d]{0,64}\d)[\w-]{16})/
const WITH_DIGIT = /^(?=[^\d]{0,64}\d)[\s\S]{16}/

/** The same, whatever its case; of sources without classes of letters. */
function anyCase(source: string): string {
  return source.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

/** How names of secret fields end, wherever they stand: in JSON, in code, in a header. */
export const SECRET_NAMES = [
  'api[_-]?key',
  '(?:secret|access|private|account|signing|encryption|master|subscription)[_-]?key',
  '(?:access|auth|refresh|id|session|bearer|security|api|bot)[_-]?token',
  'secret',
  'password',
  'passwd',
  'passphrase',
  'connection[_-]?string',
].join('|')

/** Headers, and what else is a secret only under just this name. */
export const SECRET_FIELDS = 'authorization|cookie|helicone-auth'

const NAME_BEGINS: readonly string[] = [
  ...[
    'api',
    'sec',
    'acc',
    'pri',
    'sig',
    'enc',
    'mas',
    'sub',
    'aut',
    'ref',
    'id_',
    'id-',
    'idt',
    'ses',
    'bea',
  ],
  ...['bot', 'pas', 'con'],
]
const FIELD_BEGINS: readonly string[] = [...NAME_BEGINS, 'coo', 'hel']

/** A field of JSON text: `"password": "…"`. */
export function fieldRules(names: string, kind: string, begins: readonly string[]): readonly SecretRule[] {
  const rule = (quote: string, unit: string): SecretRule => {
    const trigger = String.raw`(?:${anyCase(names)})${quote}\s{0,2}:\s{0,2}${quote}`
    return { kind, trigger, begins, unit, test: /^[\s\S]/, looksAhead: true }
  }
  return [
    rule('"', String.raw`[^"\\]|\\[^]`),
    rule("'", String.raw`[^'\\]|\\[^]`),
    // JSON text in a string of JSON: the quotation mark that ends it is escaped.
    rule(String.raw`\\"`, String.raw`[^"\\]|\\[^"]`),
  ]
}

/** A field of JSON text whose value is a number. */
export function numberRule(names: string, kind: string, begins: readonly string[]): SecretRule {
  const trigger = String.raw`(?:${anyCase(names)})\\?"\s{0,2}:\s{0,2}`
  return { kind, trigger, begins, unit: '[-+.0-9eE]', test: /^[-\d]/ }
}

export const SECRET_RULES: readonly SecretRule[] = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse and others.
  { kind: 'api-key', trigger: `${WORD_START}sk-`, begins: ['sk-'], unit: WORD, test: RANDOM_WORD },
  {
    // GitHub, Hugging Face, npm, Replicate, Fireworks, Groq, Cerebras, Jina, Stripe, Databricks.
    kind: 'api-key',
    trigger: `${WORD_START}(?:gh[opsru]_|hf_|npm_|r8_|fw_|gsk_|csk-|jina_|[rs]k_(?:live|test)_|dapi)`,
    begins: [
      'gho',
      'ghp',
      'ghs',
      'ghr',
      'ghu',
      'hf_',
      'npm',
      'r8_',
      'fw_',
      'gsk',
      'csk',
      'jin',
      'rk_',
      'sk_',
      'dap',
    ],
    unit: '[A-Za-z0-9]',
    test: /^[A-Za-z0-9]{16}/,
  },
  {
    // GitHub, GitLab, Slack, Google, xAI, Perplexity, NVIDIA, Tavily, LangSmith, Linear, Notion, Supabase, Vault, …
    kind: 'api-key',
    trigger: `${WORD_START}(?:github_pat_|gl(?:pat|ptt|dt|cbt|rt)-|xox[abeoprs]-|xapp-|AIza|ya29\\.|GOCSPX-|xai-|pplx-|nvapi-|tvly-|lsv2_(?:pt|sk)_|lin_api_|ntn_|sbp_|hvs\\.|pypi-|do[opr]_v1_|shp(?:at|ca|pa|ss)_|whsec_|sess-|AGE-SECRET-KEY-1)`,
    begins: [
      ...[
        'git',
        'glp',
        'gld',
        'glc',
        'glr',
        'xox',
        'xap',
        'aiz',
        'ya2',
        'goc',
        'xai',
        'ppl',
        'nva',
        'tvl',
        'lsv',
      ],
      ...['lin', 'ntn', 'sbp', 'hvs', 'pyp', 'doo', 'dop', 'dor', 'shp', 'whs', 'ses', 'age'],
    ],
    unit: WORD,
    test: WITH_DIGIT,
  },
  {
    kind: 'api-key',
    trigger: `${WORD_START}SG\\.`,
    begins: ['sg.'],
    unit: '[A-Za-z0-9_.-]',
    test: /^[\w-]{16,}\.[\w-]{16}/,
  },
  {
    kind: 'aws-key',
    trigger: `${WORD_START}A(?:KI|SI|BI|CC)A`,
    begins: ['aki', 'asi', 'abi', 'acc'],
    unit: '[A-Z0-9]',
    test: /^[A-Z0-9]{16}/,
  },
  {
    kind: 'jwt',
    trigger: `${WORD_START}eyJ`,
    begins: ['eyj'],
    unit: '[A-Za-z0-9_.-]',
    test: /^[\w-]{8,}\.(?:eyJ|[\w-]*\.)/,
  },
  {
    kind: 'bot-token',
    trigger: `(?<=${WORD_START}[0-9]{8,10}):AA`,
    begins: [':aa'],
    unit: WORD,
    test: /^[\w-]{30}/,
  },
  {
    kind: 'webhook',
    trigger: String.raw`hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/`,
    begins: ['hoo', 'dis'],
    unit: '[A-Za-z0-9_/-]',
    test: /^[\w/-]{20}/,
  },
  // Before what begins in the same way and needs more text to be told.
  ...fieldRules(`${SECRET_NAMES}|${SECRET_FIELDS}`, 'secret', FIELD_BEGINS),
  {
    kind: 'authorization',
    trigger: String.raw`${anyCase('authorization')}${QUOTE}\s?[:=]\s?${QUOTE}(?:${anyCase('basic|bearer|digest|token|negotiate|apikey')}) {1,3}`,
    begins: ['aut'],
    unit: '[A-Za-z0-9._~+/=-]',
    test: /^[\s\S]{8}/,
  },
  {
    kind: 'bearer-token',
    trigger: `${WORD_START}${anyCase('bearer')} {1,3}`,
    begins: ['bea'],
    unit: '[A-Za-z0-9._~+/=-]',
    test: /^(?:[A-Za-z0-9]{20}|(?=[^\d]{0,64}\d)[\s\S]{12})/,
  },
  {
    kind: 'cookie',
    trigger: `${WORD_START}${anyCase('cookie')}: {0,2}`,
    begins: ['coo'],
    unit: String.raw`[^\r\n"'\\]`,
    test: /^[^\s=;]{1,64}=[^\s;]{8}/,
  },
  {
    kind: 'private-key',
    trigger: '(?<=-----BEGIN [A-Z0-9 ]{0,40})PRIVATE KEY(?: BLOCK)?-----',
    begins: ['pri'],
    unit: '[^-]|-(?=[^-])',
    test: /[A-Za-z0-9+/]{16}/,
    looksAhead: true,
  },
  {
    // The user and the password of a URL. Whoever needs no password in it keeps the user.
    kind: 'credentials',
    trigger: ':\\/\\/',
    begins: ['://'],
    unit: String.raw`[^\s/"'<>\\]`,
    test: /^[^:@]{0,64}:[\s\S]+@/,
    endsBefore: '@',
  },
  {
    // In code: apiKey = "…"
    kind: 'secret',
    trigger: String.raw`(?:${anyCase(SECRET_NAMES)})\s?[:=]\s?\\{0,3}["']`,
    begins: NAME_BEGINS,
    unit: String.raw`[^\s"'\\<>(){}$]`,
    test: /^[\s\S]{8}/,
  },
  {
    // In an environment, a header, a connection string: OPENAI_API_KEY=…
    kind: 'secret',
    trigger: String.raw`(?:${anyCase(SECRET_NAMES)}|[_-]${anyCase('token')}|;${anyCase('pwd')})\s?[:=]\s?`,
    begins: [...NAME_BEGINS, '_to', '-to', ';pw'],
    unit: String.raw`[^\s"'\x60\\,;&<>(){}[\]$]`,
    test: /^(?=[^\d]{0,255}\d)(?=[^A-Za-z]{0,255}[A-Za-z])[\s\S]{8}/,
  },
  {
    // In the query of a URL.
    kind: 'secret',
    trigger: `(?:[?&]|\\\\u0026)(?:${anyCase('key|token|sig|signature|x-amz-(?:signature|credential|security-token)')})=`,
    begins: ['?', '&', '\\u0'],
    unit: String.raw`[^\s"'\\&#<>]`,
    test: WITH_DIGIT,
  },
]
