// The least that Kestrel can do for a request, which a stack's features are compared with; with the argument "yarp", YARP as its own
// getting-started page sets it up.
if (args is ["yarp", ..])
{
    var proxy = WebApplication.CreateBuilder(args);
    proxy.Services.AddReverseProxy().LoadFromConfig(proxy.Configuration.GetSection("ReverseProxy"));
    var proxyApp = proxy.Build();
    proxyApp.MapReverseProxy();
    await proxyApp.RunAsync();
    return;
}

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapGet("/", () => "Hello World!");
await app.RunAsync();
