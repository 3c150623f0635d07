/**
 * The server under test in a process of its own: what `demo` starts, but with the model that all rows share. (`start`
 * would do for that too, were it not for the CLI's calls to the internet, which only `demo` turns off.)
 */
import { createLog, demoEnvironment, readConfig, startLodge } from "@lodge/server/lodge";
import { serveParent } from "./child.ts";

const { BENCH_MODEL_URL: url = "", BENCH_MODEL_KEY: apiKey = "" } = process.env;
const config = readConfig(process.env);
const demo = { env: demoEnvironment(config, { url, apiKey }) };
const lodge = await startLodge({ config, log: createLog(config.logLevel), demo });

serveParent({ url: lodge.url, token: lodge.token }, {}, () => lodge.stop());
