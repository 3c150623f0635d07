/** What the list says before there is a workspace: what one is, and how to make it. */
import { Command } from "../../lib/command.tsx";
import { Notice } from "../../lib/notice.tsx";

export function FirstWorkspace() {
  return (
    <Notice title="No workspaces yet">
      <p>
        A workspace is a folder in which sessions run: a git checkout, or any folder with files to work on. They live
        side by side under the workspaces root, which is <code>workspaces</code> in Lodge's data folder unless{" "}
        <code>LODGE_WORKSPACES</code> says otherwise. Make one here, or a folder there: it shows up by itself.
      </p>
      <p>
        A request says which one it wants with the header <code>x-claude-workspace</code>:
      </p>
      <Command label="A request to a workspace with curl" text={workspaceRequest(window.location.origin)} />
      <p>Without the header, a session runs in the root itself.</p>
    </Notice>
  );
}

function workspaceRequest(origin: string): string {
  return `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer <your token>" \\
  -H "x-claude-workspace: my-project" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "sonnet", "messages": [{"role": "user", "content": "What is in this folder?"}]}'`;
}
