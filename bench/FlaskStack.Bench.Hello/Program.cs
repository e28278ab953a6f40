// The least that Kestrel can do for a request: what a stack's features cost is measured against it.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapGet("/", () => "Hello World!");
await app.StartAsync();

// nginx's workers are another user's when root starts them.
if (!OperatingSystem.IsWindows() && builder.Configuration["Socket"] is { } socket)
{
    File.SetUnixFileMode(socket, (UnixFileMode)0b110_110_110);
}

await app.WaitForShutdownAsync();
