/** The name of a workspace. The root has none. */
import classes from "./workspace-name.module.css";

export function WorkspaceName({ name }: { name: string }) {
  if (name === "") return <span className={classes["root"]}>workspaces root</span>;
  return (
    <span className={classes["name"]} title={name}>
      {name}
    </span>
  );
}
