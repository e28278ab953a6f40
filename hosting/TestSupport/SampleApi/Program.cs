using System.Globalization;
using System.Net;

// An ordinary ASP.NET Core program that knows nothing of nginx, for tests that need a real process behind it.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
if (builder.Configuration["OWN_LISTENER"] is { } listener && IPEndPoint.TryParse(listener, out var endPoint))
{
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endPoint));
}

var app = builder.Build();
app.UseWebSockets();
app.MapGet("/pid", () => Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
app.MapGet("/health", () => "healthy");
app.MapGet("/slow", async (int milliseconds) =>
{
    await Task.Delay(milliseconds);
    return "slow";
});
app.MapPost("/length", async (HttpRequest request) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body);
    return body.Length.ToString(CultureInfo.InvariantCulture);
});
app.Map("/socket", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[1024];
    while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { CloseStatus: null } received)
    {
        await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
    }
});
app.Run();
