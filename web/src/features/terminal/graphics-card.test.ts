import { expect, test } from "bun:test";
import { isSoftware } from "./graphics-card.ts";

test.each([
  "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
  "llvmpipe (LLVM 17.0.6, 256 bits)",
  "ANGLE (Microsoft, Microsoft Basic Render Driver (0x0000008C) Direct3D11 vs_5_0 ps_5_0, D3D11)",
  "Apple Software Renderer",
])("the processor draws for %s", (name) => expect(isSoftware(name)).toBe(true));

test.each([
  "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002503) Direct3D11 vs_5_0 ps_5_0, D3D11)",
  "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)",
  "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
  "Adreno (TM) 740",
])("a card draws for %s", (name) => expect(isSoftware(name)).toBe(false));
