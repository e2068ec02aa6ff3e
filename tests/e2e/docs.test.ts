import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { connect } from "../../services/client/cli/clients";
import { findChromium, launchChromium } from "../support/chromium";
import { type PageWatch, watchPage } from "../support/watch-page";

const CHROMIUM = findChromium(process.env);
const PATIENCE_MS = 60_000;
const SPECS = {
  user: "User Service",
  job: "Job Service",
  email: "Email Service",
  image: "Image Service",
  client: "Client Service",
} as const;

if (CHROMIUM === undefined) {
  process.stderr.write(
    "\nNOT TESTED: Swagger UI and Redoc in a browser, as there is no Chromium in PATH.\n" +
      "On Debian, `apt-get install chromium` brings one; CHROMIUM_BIN names one that is elsewhere.\n\n",
  );
}

describe.skipIf(CHROMIUM === undefined)(
  "in Chromium (skipped where there is none in PATH)",
  { timeout: PATIENCE_MS },
  () => {
    let directory: string;
    let stack: LocalStack;
    let browser: Browser;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), "mcsv-docs-"));
      // The others of the five are down: what they promise is shown all the same.
      const started = startStack({ directory, only: ["postgres", "s3", "user", "client", "docs"] });
      const launched = launchChromium(CHROMIUM ?? "");
      [stack, browser] = await Promise.all([started, launched]);
    });

    afterAll(async () => {
      await browser?.close();
      await stack?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    async function openPage(url: string): Promise<{ page: Page; watch: PageWatch }> {
      const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
      page.setDefaultTimeout(PATIENCE_MS);
      onTestFinished(() => page.close());
      const watch = watchPage(page);
      await page.goto(url);
      return { page, watch };
    }

    function expectCleanPage(watch: PageWatch): void {
      expect(watch).toEqual({ complaints: [], foreignRequests: [] });
    }

    describe("Swagger UI", () => {
      it("shows the spec of whichever service is picked, and stays with it when it is loaded again", async () => {
        const { page, watch } = await openPage(stack.urls.docs);
        const picker = page.getByLabel("Select a definition");
        expect(await picker.locator("option").allTextContents()).toEqual(Object.keys(SPECS));
        for (const service of ["user", "client", "email", "image", "job"] as const) {
          await picker.selectOption({ label: service });
          await page.getByRole("heading", { name: SPECS[service] }).waitFor();
        }
        await page.reload();
        await page.getByRole("heading", { name: SPECS.job }).waitFor();
        expect(await page.getByText("The job service does not answer").isVisible()).toBe(true);
        expectCleanPage(watch);
      });

      it("creates a user by Try it out, with the API key that Authorize was given", async () => {
        const { page, watch } = await openPage(`${stack.urls.docs}/?urls.primaryName=user`);
        await page.getByRole("button", { name: "Authorize", exact: true }).click();
        const dialog = page.locator(".dialog-ux");
        expect(await dialog.textContent()).toContain(".local/auth/api-key");
        await dialog.getByRole("textbox").fill(stack.auth.apiKey);
        await dialog.getByRole("button", { name: "Apply credentials" }).click();
        await dialog.getByRole("button", { name: "Close" }).first().click();
        const operation = page.locator("#operations-UserService-CreateUser");
        await operation.locator(".opblock-summary-control").click();
        await operation.getByRole("button", { name: "Try it out" }).click();
        const body = { idempotency_key: "by-swagger-ui", email: "grace@docs.example", name: "Grace Hopper" };
        await operation.locator("textarea.body-param__text").fill(JSON.stringify(body));
        await operation.getByRole("button", { name: "Execute" }).click();
        const answer = operation.locator(".live-responses-table .response");
        await answer.waitFor();
        expect(await answer.locator(".response-col_status").textContent()).toContain("200");
        expect(await answer.textContent()).toContain('"email": "grace@docs.example"');
        expectCleanPage(watch);
      });
    });

    it("docs/contracts.md: its call from a page is answered", async () => {
      const script =
        /^```js\n(.*?)^```$/ms.exec(readFileSync(join(projectDirectory(), "docs/contracts.md"), "utf8"))?.[1] ?? "";
      const clients = connect(stack.urls, { concurrency: 1, apiKey: stack.auth.apiKey });
      onTestFinished(() => clients.close());
      const created = await clients.users.CreateUser({
        idempotencyKey: "by-page",
        email: "page@docs.example",
        name: "Ada",
      });
      const { page, watch } = await openPage(stack.urls.docs);
      const call = `(async (token) => { ${script.replace("http://127.0.0.1:8081", stack.urls.user)}; return body; })`;
      const token = await stack.auth.userToken(created.user?.id ?? "");
      expect(await page.evaluate(`${call}(${JSON.stringify(token)})`)).toEqual({
        conversions: [],
        next_page_token: "",
      });
      expectCleanPage(watch);
    });

    describe("Redoc", () => {
      it.each(Object.entries(SPECS))("renders the spec of %s, from the list of all", async (service, title) => {
        const { page, watch } = await openPage(stack.urls.redoc);
        await page.getByRole("link", { name: title }).click();
        await page.waitForURL(`**/?url=specs/${service}.yaml`);
        await page.getByRole("heading", { level: 1, name: title }).waitFor();
        await page
          .getByText(`/twirp/mcsv.v1.${title.replace(" ", "")}/`)
          .first()
          .waitFor();
        expectCleanPage(watch);
      });
    });

    describe("a page from elsewhere", () => {
      let elsewhere: Server;

      beforeAll(async () => {
        elsewhere = createServer((_request, response) => {
          response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>elsewhere</title>");
        });
        await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
      });

      afterAll(() => {
        elsewhere.closeAllConnections();
        elsewhere.close();
      });

      it("can neither call a service nor read its answers", async () => {
        const { port } = elsewhere.address() as AddressInfo;
        const { page, watch } = await openPage(`http://127.0.0.1:${port}`);
        const outcomes = await page.evaluate(async (user) => {
          const outcome = (answer: Promise<Response>) => answer.then(() => "answered", String);
          const headers = { "content-type": "application/json" };
          const call = fetch(`${user}/twirp/mcsv.v1.UserService/GetUser`, { method: "POST", headers, body: "{}" });
          return [await outcome(call), await outcome(fetch(`${user}/openapi.json`))];
        }, stack.urls.user);
        expect(outcomes).toEqual(["TypeError: Failed to fetch", "TypeError: Failed to fetch"]);
        for (const complaint of watch.complaints.filter((text) => !text.startsWith("Failed to load resource"))) {
          expect(complaint).toContain("has been blocked by CORS policy");
        }
      });
    });
  },
);
