/** Value of a tag with its type. 64-bit integers beyond what a JSON number holds exactly are strings of digits. */
export interface JaegerTag {
  key: string;
  type: "string" | "bool" | "int64" | "float64" | "binary";
  value: string | boolean | number;
}

/** A relation to another span: its parent (`CHILD_OF`) or one it is linked to. */
export interface JaegerReference {
  refType: "CHILD_OF" | "FOLLOWS_FROM";
  traceID: string;
  spanID: string;
}

/** Something that happened at one moment of a span; microseconds since 1970. */
export interface JaegerLog {
  timestamp: number;
  fields: JaegerTag[];
}

/** The process that made a span. */
export interface JaegerProcess {
  serviceName: string;
  tags: JaegerTag[];
}

/** A span as Jaeger's query API answers it. Times are microseconds. */
export interface JaegerSpan {
  traceID: string;
  spanID: string;
  operationName: string;
  references: JaegerReference[];
  startTime: number;
  duration: number;
  tags: JaegerTag[];
  logs: JaegerLog[];
  processID: string;
  warnings: string[] | null;
}

/** A trace as Jaeger's query API answers it. */
export interface JaegerTrace {
  traceID: string;
  spans: JaegerSpan[];
  processes: Record<string, JaegerProcess>;
  warnings: string[] | null;
}
