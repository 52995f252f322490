export type { Usage } from "../spec/usage.js";
