import { describe, expect, it } from "vitest";
import { ClientService } from "../../../gen/twirp/mcsv/v1/client";
import { EmailService } from "../../../gen/twirp/mcsv/v1/email";
import { ImageService } from "../../../gen/twirp/mcsv/v1/image";
import { JobService } from "../../../gen/twirp/mcsv/v1/job";
import { UserService } from "../../../gen/twirp/mcsv/v1/user";
import { loadContract } from "./load-contract";

describe("loadContract", () => {
  it.each([ClientService, UserService, JobService, EmailService, ImageService])(
    "gives $typeName's methods, and its spec as one document that refers to no other",
    (type) => {
      const { document, operations } = loadContract(type);
      expect([...operations.keys()].sort()).toEqual(type.methods.map(({ name }) => `${type.typeName}/${name}`).sort());
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target);
      expect(references.length).toBeGreaterThan(0);
      for (const reference of references) {
        expect(reference).toMatch(/^#\/components\//);
      }
    },
  );

  it("refuses a service that has no spec, and one with a method that its spec does not have", () => {
    expect(() => loadContract({ ...UserService, typeName: "mcsv.v1.MoonService" })).toThrow("is no service");
    const methods = UserService.methods.map((method) => ({ ...method, name: `${method.name}Twice` }));
    expect(() => loadContract({ ...UserService, methods })).toThrow(
      "openapi/user.yaml has no method mcsv.v1.UserService/CreateUserTwice",
    );
  });
});
