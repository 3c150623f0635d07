/** The child's environment is made from a list, whatever else the server knows. */
import { expect, test } from "bun:test";
import { childEnvironment } from "./environment.ts";

const server = {
  PATH: "/bin",
  HOME: "/home/me",
  LODGE_TOKEN: "secret",
  DATABASE_URL: "secret",
  ANTHROPIC_API_KEY: "key",
  CLAUDE_CONFIG_DIR: "/mine",
};

test("the account is passed on, secrets of others are not", () => {
  const environment = childEnvironment(server, { account: true });
  expect(environment).toMatchObject({
    PATH: "/bin",
    HOME: "/home/me",
    ANTHROPIC_API_KEY: "key",
    CLAUDE_CONFIG_DIR: "/mine",
  });
  expect(environment).not.toHaveProperty("LODGE_TOKEN");
  expect(environment).not.toHaveProperty("DATABASE_URL");
});

test("without the account nothing of it is left", () => {
  const environment = childEnvironment(server, { account: false, overrides: { ANTHROPIC_API_KEY: "demo" } });
  expect(environment["ANTHROPIC_API_KEY"]).toBe("demo");
  expect(environment).not.toHaveProperty("CLAUDE_CONFIG_DIR");
});
