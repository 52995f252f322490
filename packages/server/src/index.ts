export { ConfigError } from "./config/config-error.js";
export { configJsonSchema, type SchemaNode } from "./config/json-schema.js";
export { type Flags, type LoadedConfig, type LoadInput, loadConfigFrom } from "./config/load.js";
export { ServerConfig } from "./config/schema.js";
export { type ConfigRow, configTable, modelTable } from "./config/table.js";
export { loadConfig } from "./config.js";
export { type RunningServer, type StartOptions, StartRefused, startServer } from "./start.js";
