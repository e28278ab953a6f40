namespace Aspire.Hosting.ApplicationModel;

/// <summary>Options for a command that sends an HTTP request to a resource.</summary>
public class HttpCommandOptions : CommandOptions
{
    /// <summary>Gets or sets a callback that gets the endpoint to send to, where the command does not name one. Default: the resource's https endpoint, else its http endpoint.</summary>
    public Func<EndpointReference>? EndpointSelector { get; set; }

    /// <summary>Gets or sets the name of the client to send with, as configured in the AppHost's services. Default: one without a timeout, since people can cancel commands.</summary>
    public string? HttpClientName { get; set; }

    /// <summary>Gets or sets the method. Default: POST.</summary>
    public HttpMethod? Method { get; set; }

    /// <summary>Gets or sets a callback that completes the request before it is sent. Default: none.</summary>
    public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }

    /// <summary>Gets or sets a callback that makes the result out of the response. Default: success for status codes 200 to 299, otherwise failure.</summary>
    public Func<HttpCommandResultContext, Task<ExecuteCommandResult>>? GetCommandResult { get; set; }

    /// <summary>Gets or sets what becomes of the body of the response, unless <see cref="GetCommandResult"/> is set. Default: it is not read.</summary>
    public HttpCommandResultMode ResultMode { get; set; }
}
