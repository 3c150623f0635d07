/**
 * The environment of the CLI's process: an allow-list, never a copy of the server's. What the server keeps for itself,
 * its own token first of all, must not reach a process that a model steers.
 */

/** What any program needs, and the way to the network. Passed on from the server's environment when set there. */
const general = [
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOGNAME",
  "PATH",
  "SHELL",
  "TERM",
  "TMPDIR",
  "TZ",
  "USER",
  "ALL_PROXY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  // Whom it trusts, and who it is, on a network with certificates of its own.
  "CLAUDE_CODE_CERT_STORE",
  "CLAUDE_CODE_CLIENT_CERT",
  "CLAUDE_CODE_CLIENT_KEY",
  "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
];

/** The account, the model and the CLI's own settings: https://code.claude.com/docs/en/settings#environment-variables */
const account = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_BASE_URL",
  "ANTHROPIC_BEDROCK_BASE_URL",
  "ANTHROPIC_CUSTOM_HEADERS",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_MODEL",
  "ANTHROPIC_VERTEX_BASE_URL",
  "ANTHROPIC_VERTEX_PROJECT_ID",
  "AWS_ACCESS_KEY_ID",
  "AWS_BEARER_TOKEN_BEDROCK",
  "AWS_PROFILE",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "BASH_DEFAULT_TIMEOUT_MS",
  "BASH_MAX_TIMEOUT_MS",
  "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
  "CLAUDE_CODE_MAX_RETRIES",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CONFIG_DIR",
  "CLOUD_ML_REGION",
  "GOOGLE_APPLICATION_CREDENTIALS",
  // The operator's own word that the CLI may bypass permissions as root.
  "IS_SANDBOX",
];

/** Ours, unless the operator says otherwise above. */
const defaults: Record<string, string> = {
  // Clients retry by themselves, and a reply that is late by minutes is worse than an error: the CLI's own default is 10.
  CLAUDE_CODE_MAX_RETRIES: "2",
  // An answer that breaks off would be asked for once more in one piece, which no stream tells of.
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: "1",
  // The answer to a refusal is the client's to give; asked again by the CLI, the reply would hold both.
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: "1",
  DISABLE_AUTOUPDATER: "1",
  // Calls held open for a client's tools must not be cut or moved to the background by the CLI's own clocks.
  CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: "0",
  CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT: "0",
  CLAUDE_CODE_SDK_MCP_TOOL_IDLE_TIMEOUT: "0",
  MCP_TOOL_TIMEOUT: String(7 * 24 * 3600 * 1000),
  // What a client says of its tools reaches the model whole: some describe one in ten thousand characters.
  CLAUDE_CODE_MAX_MCP_DESCRIPTION_LENGTH: "1000000",
  CLAUDE_AGENT_SDK_CLIENT_APP: "lodge",
};

export interface ChildEnvironmentOptions {
  /** False keeps the server's account out: what the process logs in with is among the overrides then. */
  account: boolean;
  overrides?: Readonly<Record<string, string>> | undefined;
}

export function childEnvironment(
  server: Readonly<Record<string, string | undefined>>,
  options: ChildEnvironmentOptions,
): Record<string, string> {
  const environment = { ...defaults };
  for (const name of options.account ? [...general, ...account] : general) {
    const value = server[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...options.overrides };
}
