using System.Net.Mime;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Sends the request of an HTTP command and makes a result out of the response.</summary>
internal sealed class HttpCommand(string path, Func<EndpointReference> endpointSelector, HttpCommandOptions options)
{
    private readonly HttpMethod _method = options.Method ?? HttpMethod.Post;
    private readonly string _pathFromRoot = $"/{path.TrimStart('/')}";

    public async Task<ExecuteCommandResult> ExecuteAsync(ExecuteCommandContext context)
    {
        var endpoint = endpointSelector();
        if (!endpoint.IsAllocated)
        {
            return CommandResults.Failure($"Endpoint '{endpoint.EndpointName}' of resource '{endpoint.Resource.Name}' has no address yet.");
        }

        using var client = CreateClient(context.ServiceProvider);
        using var request = new HttpRequestMessage(_method, new Uri(GetAddress(endpoint, context), _pathFromRoot));
        if (options.PrepareRequest is { } prepare)
        {
            await prepare(new HttpCommandRequestContext
            {
                ServiceProvider = context.ServiceProvider,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Request = request,
            }).ConfigureAwait(false);
        }

        using var response = await client.SendAsync(request, context.CancellationToken).ConfigureAwait(false);
        if (options.GetCommandResult is { } getResult)
        {
            return await getResult(new HttpCommandResultContext
            {
                ServiceProvider = context.ServiceProvider,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Response = response,
            }).ConfigureAwait(false);
        }

        return await GetResultAsync(response, context.CancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the address of the instance the command is executed on; its row shows the address of each of its endpoints.</summary>
    private static Uri GetAddress(EndpointReference endpoint, ExecuteCommandContext context)
    {
        var notifications = context.ServiceProvider.GetRequiredService<ResourceNotificationService>();
        var own = notifications.TryGetCurrentState(context.ResourceName, out var state) && ReferenceEquals(state.Resource, endpoint.Resource)
            ? state.Snapshot.Urls.FirstOrDefault(url => endpoint.EndpointName.Equals(url.Name, StringComparison.OrdinalIgnoreCase))
            : null;
        return own is not null && Uri.TryCreate(own.Url, UriKind.Absolute, out var address) ? address : new Uri(endpoint.Url);
    }

    private HttpClient CreateClient(IServiceProvider services)
    {
        var factory = services.GetRequiredService<IHttpClientFactory>();
        if (options.HttpClientName is { } name)
        {
            return factory.CreateClient(name);
        }

        var client = factory.CreateClient();
        client.Timeout = Timeout.InfiniteTimeSpan;
        return client;
    }

    private async Task<ExecuteCommandResult> GetResultAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var error = response.IsSuccessStatusCode ? null : $"Request failed with status code {(int)response.StatusCode} ({response.ReasonPhrase}).";
        if (GetFormat(response.Content.Headers.ContentType?.MediaType) is not { } format)
        {
            return error is null ? CommandResults.Success() : CommandResults.Failure(error);
        }

        var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        var data = body.Length == 0 ? null : new CommandResultData { Value = body, Format = format };
        return new ExecuteCommandResult { Success = error is null, Message = error, Data = data };
    }

    private CommandResultFormat? GetFormat(string? mediaType) => options.ResultMode switch
    {
        HttpCommandResultMode.Json => CommandResultFormat.Json,
        HttpCommandResultMode.Text => CommandResultFormat.Text,
        HttpCommandResultMode.Auto when mediaType is not null && IsJson(mediaType) => CommandResultFormat.Json,
        HttpCommandResultMode.Auto when mediaType is not null && mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) => CommandResultFormat.Text,
        _ => null,
    };

    private static bool IsJson(string mediaType)
        => mediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
}
