using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

#pragma warning disable ASPIREINTERACTION001 // Inputs are experimental in Aspire.

public sealed class HttpCommandTests : IDisposable
{
    private readonly StubHandler _handler = new();
    private readonly ModelFixture _model;
    private readonly SampleResource _api = new("api");
    private readonly EndpointAnnotation _endpoint = new(ProtocolType.Tcp, uriScheme: "http", name: "http");

    public HttpCommandTests()
    {
        _model = new ModelFixture(configure: services => services.AddHttpClient(string.Empty).ConfigurePrimaryHttpMessageHandler(() => _handler));
        _api.With(_endpoint);
    }

    public void Dispose()
    {
        _model.Dispose();
        _handler.Dispose();
    }

    [Fact]
    public async Task The_request_goes_to_the_endpoint_with_the_method_and_what_the_callback_adds()
    {
        _endpoint.AllocatedEndpoint = new AllocatedEndpoint(_endpoint, "localhost", 5001);

        var result = await ExecuteAsync("/flush?all=1", new HttpCommandOptions
        {
            Method = HttpMethod.Put,
            PrepareRequest = static context =>
            {
                context.Request.Headers.Add("X-Why", context.ResourceName);
                return Task.CompletedTask;
            },
        });

        Assert.True(result.Success);
        Assert.Equal("PUT http://localhost:5001/flush?all=1 api-one", _handler.Request);
    }

    [Fact]
    public async Task The_request_goes_to_the_replica_the_command_is_executed_on()
    {
        _endpoint.AllocatedEndpoint = new AllocatedEndpoint(_endpoint, "localhost", 5001);
        await _model.Notifications.PublishUpdateAsync(_api, "api-one", static snapshot => snapshot with { Urls = [new("http", "http://localhost:5002/home", false)] });

        await ExecuteAsync("/flush", new HttpCommandOptions());

        Assert.Equal("POST http://localhost:5002/flush ", _handler.Request);
    }

    [Fact]
    public async Task A_command_before_the_endpoint_has_an_address_fails()
        => Assert.Contains("has no address yet", (await ExecuteAsync("/", new HttpCommandOptions())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(HttpCommandResultMode.None, "text/plain", null)]
    [InlineData(HttpCommandResultMode.Auto, "text/plain", CommandResultFormat.Text)]
    [InlineData(HttpCommandResultMode.Auto, "application/problem+json", CommandResultFormat.Json)]
    [InlineData(HttpCommandResultMode.Auto, "image/png", null)]
    [InlineData(HttpCommandResultMode.Json, "text/plain", CommandResultFormat.Json)]
    public async Task A_failed_response_is_a_failure_with_the_body_that_was_asked_for(HttpCommandResultMode mode, string contentType, CommandResultFormat? format)
    {
        _endpoint.AllocatedEndpoint = new AllocatedEndpoint(_endpoint, "localhost", 5001);
        _handler.Response = () => new HttpResponseMessage(HttpStatusCode.Conflict) { Content = new StringContent("body", Encoding.UTF8, contentType) };

        var result = await ExecuteAsync("/", new HttpCommandOptions { ResultMode = mode });

        Assert.Equal((false, "Request failed with status code 409 (Conflict)."), (result.Success, result.Message));
        Assert.Equal(format, result.Data?.Format);
        Assert.Equal(format is null ? null : "body", result.Data?.Value);
    }

    [Fact]
    public async Task The_callback_makes_the_result()
    {
        _endpoint.AllocatedEndpoint = new AllocatedEndpoint(_endpoint, "localhost", 5001);

        var result = await ExecuteAsync("/", new HttpCommandOptions { GetCommandResult = static context => Task.FromResult(CommandResults.Success($"{(int)context.Response.StatusCode}")) });

        Assert.Equal("200", result.Message);
    }

    private Task<ExecuteCommandResult> ExecuteAsync(string path, HttpCommandOptions options)
        => new HttpCommand(path, () => new EndpointReference(_api, _endpoint), options).ExecuteAsync(new ExecuteCommandContext
        {
            ServiceProvider = _model.Services,
            ResourceName = "api-one",
            Logger = NullLogger.Instance,
            Arguments = new InteractionInputCollection([]),
            CancellationToken = ModelFixture.Deadline,
        });

    private sealed class StubHandler : HttpMessageHandler
    {
        public string? Request { get; private set; }

        public Func<HttpResponseMessage> Response { get; set; } = static () => new HttpResponseMessage(HttpStatusCode.OK);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = $"{request.Method} {request.RequestUri} {(request.Headers.TryGetValues("X-Why", out var why) ? why.Single() : "")}";
            return Task.FromResult(Response());
        }
    }
}
