using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.ServiceDefaults;

/// <summary>Configures Kestrel to take what the proxy in front takes.</summary>
internal static class ServerDefaults
{
    /// <summary>
    /// The number of connections that may wait to be accepted, the same as Linux's own limit (<c>net.core.somaxconn</c>) and nginx's.
    /// Kestrel's default of 512 is too few when thousands of clients connect at once: on a Unix socket the proxy is then refused.
    /// </summary>
    private const int Backlog = 4096;

    /// <summary>The most headers of a request; their size has a limit of its own. Kestrel's default is 100.</summary>
    private const int MaxHeaders = 1000;

    /// <summary>The largest size of all headers in bytes. Kestrel's default of 32 KiB leaves no room for those that a proxy adds.</summary>
    private const int MaxHeadersSize = 64 * 1024;

    /// <summary>UTF-8; a byte that is not part of it is a character of Latin-1, as gunicorn and browsers take it.</summary>
    private static readonly Encoding HeaderEncoding =
        Encoding.GetEncoding(Encoding.UTF8.CodePage, EncoderFallback.ReplacementFallback, new Latin1Fallback());

    public static void AddServerDefaults(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.Backlog = Backlog);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<OpenConnections, DiagnosticListener>((kestrel, connections, server) =>
        {
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeadersSize;
            kestrel.RequestHeaderEncodingSelector = static _ => HeaderEncoding;
            RefusedRequests.Observe(server);
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                endpoint.Use(next => connection => connections.CountAsync(connection, next));
                endpoint.Use(next => connection => RefusedRequests.ConnectAsync(connection, next));
            });
        });
    }

    /// <summary>Decodes each byte that is not UTF-8 to the character of the same number.</summary>
    private sealed class Latin1Fallback : DecoderFallback
    {
        public override int MaxCharCount => 3;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

        private sealed class Buffer : DecoderFallbackBuffer
        {
            private byte[] _bytes = [];
            private int _next;

            public override int Remaining => _bytes.Length - _next;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                (_bytes, _next) = (bytesUnknown, 0);
                return bytesUnknown.Length > 0;
            }

            public override char GetNextChar() => Remaining > 0 ? (char)_bytes[_next++] : '\0';

            public override bool MovePrevious() => _next > 0 && --_next >= 0;
        }
    }
}
