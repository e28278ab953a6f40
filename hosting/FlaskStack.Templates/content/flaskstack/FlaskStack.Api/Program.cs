using System.Text.Json;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.AddProblemDetails();
builder.Services.AddRequestDecompression();
// A request that cannot be read is answered with 400 in development, too.
builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);

var app = builder.Build();
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    // A body that is not compressed as its Content-Encoding says is the fault of the client.
    StatusCodeSelector = exception => exception is InvalidDataException ? 400 : 500,
});
app.UseStatusCodePages();
app.UseRequestDecompression();
app.MapDefaultEndpoints();
app.MapGet("/", () => "Hello World!");
app.MapPost("/server", (ServerRequest request) => request.Data);
app.Run();

/// <summary>The body of <c>POST /server</c>: <c>{"data": …}</c>.</summary>
internal sealed record ServerRequest
{
    public required JsonElement Data { get; init; }
}
