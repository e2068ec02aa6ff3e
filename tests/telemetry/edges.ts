type Edge = readonly [parent: string, child: string];

/**
 * Which operation calls which, as `service operation`: every pair of parent and child of both flows, SQL left out. A queue is
 * two hops, from who enqueues to the queue, and from there to each attempt.
 */
export const EDGES: readonly Edge[] = [
  // A person creates a user, and the outbox orders the welcome mail at the job service, which has it sent.
  ["cli create user", "cli UserService/CreateUser"],
  ["cli UserService/CreateUser", "user UserService/CreateUser"],
  ["user UserService/CreateUser", "user send order-email"],
  ["user send order-email", "user process order-email"],
  ["user process order-email", "user JobService/EnqueueEmail"],
  ["user JobService/EnqueueEmail", "job JobService/EnqueueEmail"],
  ["job JobService/EnqueueEmail", "job send email"],
  ["job send email", "job process email"],
  ["job process email", "job EmailService/SendEmail"],
  ["job EmailService/SendEmail", "email EmailService/SendEmail"],
  ["email EmailService/SendEmail", "email smtp send"],
  // The outcome goes back by callbacks, to the user service and on to the client.
  ["job process email", "job send callback"],
  ["job send callback", "job process callback"],
  ["job process callback", "job UserService/NotifyEmailDelivered"],
  ["job UserService/NotifyEmailDelivered", "user UserService/NotifyEmailDelivered"],
  ["user UserService/NotifyEmailDelivered", "user send relay-email-delivered"],
  ["user send relay-email-delivered", "user process relay-email-delivered"],
  ["user process relay-email-delivered", "user ClientService/NotifyEmailDelivered"],
  ["user ClientService/NotifyEmailDelivered", "client ClientService/NotifyEmailDelivered"],
  // While the client service is away, the call is repeated.
  ["user ClientService/NotifyEmailDelivered", "user POST"],
  // Whose images they are.
  ["cli UserService/GetUser", "user UserService/GetUser"],
  ["cli UserService/CreateAccessToken", "user UserService/CreateAccessToken"],
  // A person orders an image: inline, or as an upload that is looked at first.
  ["cli convert image", "cli UserService/CreateUpload"],
  ["cli UserService/CreateUpload", "user UserService/CreateUpload"],
  ["cli convert image", "cli PUT"],
  ["cli convert image", "cli UserService/ConvertImage"],
  ["cli UserService/ConvertImage", "user UserService/ConvertImage"],
  ["user UserService/ConvertImage", "user S3.PutObject"],
  ["user UserService/ConvertImage", "user S3.HeadObject"],
  ["user UserService/ConvertImage", "user S3.GetObject"],
  ["user UserService/ConvertImage", "user send order-image-conversion"],
  ["user send order-image-conversion", "user process order-image-conversion"],
  ["user process order-image-conversion", "user JobService/EnqueueImageConversion"],
  ["user JobService/EnqueueImageConversion", "job JobService/EnqueueImageConversion"],
  ["job JobService/EnqueueImageConversion", "job send image-conversion"],
  ["job send image-conversion", "job process image-conversion"],
  ["job process image-conversion", "job ImageService/ConvertImage"],
  ["job ImageService/ConvertImage", "image ImageService/ConvertImage"],
  ["image ImageService/ConvertImage", "image GET"],
  ["image ImageService/ConvertImage", "image magick"],
  ["image ImageService/ConvertImage", "image S3.PutObject"],
  // The outcome goes back, and a PDF is followed by a mail.
  ["job process image-conversion", "job send callback"],
  ["job process callback", "job UserService/NotifyImageConverted"],
  ["job UserService/NotifyImageConverted", "user UserService/NotifyImageConverted"],
  ["user UserService/NotifyImageConverted", "user send order-email"],
  ["user UserService/NotifyImageConverted", "user send relay-image-converted"],
  ["user send relay-image-converted", "user process relay-image-converted"],
  ["user process relay-image-converted", "user ClientService/NotifyImageConverted"],
  ["user ClientService/NotifyImageConverted", "client ClientService/NotifyImageConverted"],
  // Before each attempt at a job is a wait, and after some of them a transaction that records their ends.
  ...aroundAttempts("user order-email"),
  ...aroundAttempts("user relay-email-delivered"),
  ...aroundAttempts("user order-image-conversion"),
  ...aroundAttempts("user relay-image-converted"),
  ...aroundAttempts("job email"),
  ...aroundAttempts("job image-conversion"),
  ...aroundAttempts("job callback"),
];

function aroundAttempts(serviceAndQueue: string): Edge[] {
  const [service, queue] = serviceAndQueue.split(" ");
  return [
    [`${service} send ${queue}`, `${service} wait ${queue}`],
    [`${service} process ${queue}`, `${service} settle ${queue}`],
  ];
}

/** Operations whose statements show in the trace. */
export const OPERATIONS_WITH_SQL: readonly string[] = [
  "user UserService/CreateUser",
  "user UserService/ConvertImage",
  "user UserService/NotifyEmailDelivered",
  "user UserService/NotifyImageConverted",
  "user process relay-image-converted",
  "job send email",
  "job send image-conversion",
  "email EmailService/SendEmail",
];
