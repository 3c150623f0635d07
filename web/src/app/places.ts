/** The pages that one can go to from anywhere. */
import {
  IconChartBar,
  IconFolder,
  IconHistory,
  IconLayoutDashboard,
  IconListCheck,
  IconMessageCircle,
  IconMessages,
  IconSettings,
  type TablerIcon,
} from "@tabler/icons-react";

export const places = [
  { to: "/", label: "Overview", key: "o", Icon: IconLayoutDashboard },
  { to: "/sessions", label: "Sessions", key: "s", Icon: IconMessages },
  { to: "/workspaces", label: "Workspaces", key: "w", Icon: IconFolder },
  { to: "/work", label: "Jobs", key: "j", Icon: IconListCheck },
  { to: "/usage", label: "Usage", key: "u", Icon: IconChartBar },
  { to: "/try", label: "Try it", key: "t", Icon: IconMessageCircle },
  { to: "/audit", label: "Audit", key: "a", Icon: IconHistory },
  { to: "/settings", label: "Settings", key: "e", Icon: IconSettings },
] as const satisfies readonly {
  to: string;
  label: string;
  /** After `g`, it goes there. */
  key: string;
  Icon: TablerIcon;
}[];

export type Place = (typeof places)[number]["to"];
