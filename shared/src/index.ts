export * from "./dashboard.ts";
export * from "./job.ts";
export * from "./limits.ts";
export * from "./overview.ts";
export * from "./prompt.ts";
export * from "./session.ts";
export * from "./usage.ts";
export * from "./workspace.ts";
