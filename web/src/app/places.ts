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

export const places: readonly {
  to: "/" | "/sessions" | "/workspaces" | "/work" | "/usage" | "/try" | "/audit" | "/settings";
  label: string;
  Icon: TablerIcon;
}[] = [
  { to: "/", label: "Overview", Icon: IconLayoutDashboard },
  { to: "/sessions", label: "Sessions", Icon: IconMessages },
  { to: "/workspaces", label: "Workspaces", Icon: IconFolder },
  { to: "/work", label: "Jobs", Icon: IconListCheck },
  { to: "/usage", label: "Usage", Icon: IconChartBar },
  { to: "/try", label: "Try it", Icon: IconMessageCircle },
  { to: "/audit", label: "Audit", Icon: IconHistory },
  { to: "/settings", label: "Settings", Icon: IconSettings },
];
