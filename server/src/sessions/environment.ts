/**
 * The environment of the CLI's process: an allow-list, never a copy of the server's. What the server keeps for itself,
 * its own token first of all, must not reach a process that a model steers.
 */

/** Passed on from the server's environment when set there. */
const passedOn = [
  // What any program needs.
  "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER",
  // The way to the network.
  "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
  "NODE_EXTRA_CA_CERTS", "SSL_CERT_DIR", "SSL_CERT_FILE",
  // The account and the model, as the CLI documents them: https://code.claude.com/docs/en/settings#environment-variables
  "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_VERTEX_BASE_URL", "ANTHROPIC_VERTEX_PROJECT_ID",
  "AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
  "CLOUD_ML_REGION", "GOOGLE_APPLICATION_CREDENTIALS",
  "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CONFIG_DIR",
  "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "CLAUDE_CODE_MAX_RETRIES",
  "BASH_DEFAULT_TIMEOUT_MS", "BASH_MAX_TIMEOUT_MS",
  // The operator's own word that the CLI may bypass permissions as root.
  "IS_SANDBOX",
] as const; // prettier-ignore

/** Ours, unless the operator says otherwise above. */
const defaults: Record<string, string> = {
  // Clients retry by themselves, and a reply that is late by minutes is worse than an error: the CLI's own default is 10.
  CLAUDE_CODE_MAX_RETRIES: "2",
  DISABLE_AUTOUPDATER: "1",
  // Calls held open for a client's tools must not be cut or moved to the background by the CLI's own clocks.
  CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: "0",
  CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT: "0",
  MCP_TOOL_TIMEOUT: String(7 * 24 * 3600 * 1000),
  CLAUDE_AGENT_SDK_CLIENT_APP: "lodge",
};

export function childEnvironment(
  server: Readonly<Record<string, string | undefined>>,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment = { ...defaults };
  for (const name of passedOn) {
    const value = server[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...overrides };
}
