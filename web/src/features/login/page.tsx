/** Trades the token for a cookie. */
import { Button, PasswordInput } from "@mantine/core";
import { type SyntheticEvent, useEffect, useState } from "react";
import { useApp } from "../../app/context.ts";
import { Logo } from "../../app/logo.tsx";
import classes from "./page.module.css";

export function LoginPage({ problem: firstProblem }: { problem: string | null }) {
  const { auth } = useApp();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState(firstProblem);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = "Log in · Lodge";
  }, []);

  async function submit(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    if (token.trim() === "") return setProblem("Paste the token first.");
    setBusy(true);
    setProblem(await auth.login(token.trim()).finally(() => setBusy(false)));
  }

  return (
    <main className={classes["page"]}>
      <div className={classes["card"]}>
        <Logo size={40} />
        <h1>Log in to Lodge</h1>
        <form onSubmit={(event) => void submit(event)}>
          <PasswordInput
            label="Token"
            autoFocus
            autoComplete="current-password"
            name="token"
            size="md"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={problem}
            errorProps={{ role: "alert" }}
          />
          <Button type="submit" fullWidth size="md" mt="md" loading={busy}>
            Log in
          </Button>
        </form>
        <div className={classes["help"]}>
          <h2>Where is the token?</h2>
          <ul>
            <li>On the line that Lodge prints when it is ready. The link on that line logs you in without typing.</li>
            <li>
              In the file <code>token</code> in its data folder: <code>cat .lodge/token</code>, unless{" "}
              <code>LODGE_DATA</code> says another folder.
            </li>
            <li>
              It is the value of <code>LODGE_TOKEN</code>, if that was set.
            </li>
          </ul>
        </div>
      </div>
    </main>
  );
}
