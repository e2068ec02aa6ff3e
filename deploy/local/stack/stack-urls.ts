import type { StackPorts } from "./stack-ports";

/** Base URLs of a stack. */
export interface StackUrls {
  readonly client: string;
  readonly user: string;
  readonly job: string;
  readonly email: string;
  readonly image: string;
  /** Swagger UI. */
  readonly docs: string;
  readonly redoc: string;
  readonly s3: string;
  readonly smtp: string;
  readonly inbox: string;
  readonly otlp: string;
  readonly jaeger: string;
  readonly dashboard: string;
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** URLs of a stack's ports. */
export function stackUrls(ports: StackPorts): StackUrls {
  const http = (port: number) => `http://127.0.0.1:${port}`;
  return {
    client: http(ports.client),
    user: http(ports.user),
    job: http(ports.job),
    email: http(ports.email),
    image: http(ports.image),
    docs: http(ports.docs),
    redoc: http(ports.redoc),
    s3: http(ports.s3),
    smtp: `smtp://127.0.0.1:${ports.smtp}`,
    inbox: http(ports.inbox),
    otlp: http(ports.otlp),
    jaeger: http(ports.jaeger),
    dashboard: http(ports.dashboard),
    prometheus: http(ports.prometheus),
    alertmanager: http(ports.alertmanager),
  };
}
