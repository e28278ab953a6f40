using System.Net.Sockets;
using FlaskStack.Tests.Hostile;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>A service that redirects to HTTPS, behind a proxy that ends TLS.</summary>
public sealed class HttpsRedirectionTests
{
    [Theory]
    [InlineData("https", null, 200, null)]
    [InlineData("http", null, 200, null)]
    [InlineData("http", "443", 307, "https://shop.example/")]
    [InlineData("http", "8443", 307, "https://shop.example:8443/")]
    public async Task Redirects_to_the_port_of_the_proxy_or_not_at_all(string scheme, string? httpsPort, int status, string? location)
    {
        var folder = Directory.CreateTempSubdirectory("flaskstack-https-");
        var socket = Path.Join(folder.FullName, "api.sock");
        var builder = WebApplication.CreateBuilder(httpsPort is null ? [] : [$"--HTTPS_PORT={httpsPort}"]);
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0", $"http://unix:{socket}");
        await using (var app = builder.Build())
        {
            app.UseHttpsRedirection();
            app.MapGet("/", () => "Hello World!");
            await app.StartAsync();

            var response = Assert.Single(await RawHttp.ExchangeAsync(
                new UnixDomainSocketEndPoint(socket),
                "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                + $"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: {scheme}\r\n\r\n"));

            Assert.Equal((status, location), (response.Status, response.Headers["Location"].SingleOrDefault()));
        }

        folder.Delete(recursive: true);
    }
}
