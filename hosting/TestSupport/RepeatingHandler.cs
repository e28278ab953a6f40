using System.Net.Sockets;

namespace TestSupport;

/// <summary>
/// Asks again, as browsers do, when a kept connection was reset: until 1.27.4 nginx may do that if a request arrives just as it reloads.
/// </summary>
/// <param name="inner">Sends the requests.</param>
internal sealed class RepeatingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception) when (request.Method == HttpMethod.Get
            && exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
