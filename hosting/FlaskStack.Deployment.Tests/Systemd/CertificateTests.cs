using System.Diagnostics;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.Nginx.Tests;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>The certificate of nginx on a server.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class CertificateTests(NginxBinary binary) : IDisposable
{
    private const string Live = "etc/letsencrypt/live/shop.example";

    private readonly Server _server = new();

    [Fact]
    public async Task Nginx_has_a_certificate_of_its_own_until_certbots_is_there()
    {
        using var shop = await _server.PublishAsync("shop", Declare);

        var output = await shop.RunAsync("install.sh");
        Assert.Contains("is not there yet", output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_server["etc/shop/tls/key.pem"]));
        await AssertAcceptedAsync(shop);
        var own = File.ReadAllText(_server["etc/shop/tls/certificate.pem"]);
        await shop.RunAsync("install.sh");
        Assert.Equal(own, File.ReadAllText(_server["etc/shop/tls/certificate.pem"]));

        Directory.CreateDirectory(_server[Live]);
        File.Copy(_server["etc/shop/tls/certificate.pem"], _server[$"{Live}/fullchain.pem"]);
        File.Copy(_server["etc/shop/tls/key.pem"], _server[$"{Live}/privkey.pem"]);
        Assert.DoesNotContain("is not there yet", await shop.RunAsync("install.sh"), StringComparison.Ordinal);
        Assert.Equal(_server[$"{Live}/fullchain.pem"], new FileInfo(_server["etc/shop/tls/certificate.pem"]).LinkTarget);
        Assert.Equal(_server[$"{Live}/privkey.pem"], new FileInfo(_server["etc/shop/tls/key.pem"]).LinkTarget);
        await AssertAcceptedAsync(shop);

        await shop.RunAsync("uninstall.sh");
        Assert.False(Directory.Exists(_server["etc/shop/tls"]));
        Assert.True(File.Exists(_server[$"{Live}/privkey.pem"]));
        Assert.DoesNotContain(_server.Files.Keys, static file => file.Contains("certificate", StringComparison.Ordinal));
    }

    [SystemdFact]
    public async Task A_new_certificate_is_loaded_by_units_that_systemd_accepts()
    {
        using var files = await PublishedFiles.WriteAsync("publish-systemd", static builder =>
        {
            builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "shop");
            Declare(builder);
        });

        // A link that replaces another one is a change of the folder alone.
        Assert.EndsWith(
            """
            PathChanged=/etc/letsencrypt/live/shop.example/fullchain.pem
            PathChanged=/etc/letsencrypt/live/shop.example/privkey.pem
            PathChanged=/etc/letsencrypt/live/shop.example

            """,
            files["etc/systemd/system/shop-certificate.path"],
            StringComparison.Ordinal);
        Assert.Contains("shop-certificate.path", files["etc/systemd/system/shop.target"], StringComparison.Ordinal);
        Assert.Contains("certbot certonly --webroot -w /var/www/certbot -d shop.example", files["README.md"], StringComparison.Ordinal);
        var unit = Path.Combine(files.Folder, "etc/systemd/system/shop-certificate.service");
        using var verify = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", unit])
        {
            RedirectStandardError = true,
        })!;
        var errors = await verify.StandardError.ReadToEndAsync();
        await verify.WaitForExitAsync();
        Assert.DoesNotContain("shop-certificate", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_sites_with_certificates_share_one_nginx()
    {
        using var shop = await _server.PublishAsync("shop", Declare);
        using var two = await _server.PublishAsync("two", static builder => builder.AddNginx("nginx", 8081)
            .WithReverseProxy("/", builder.AddSmallProject("api"))
            .WithHostHttpsPort(8443)
            .WithCache()
            .WithCompression()
            .WithSecurityHeaders()
            .WithTls(static tls => tls with { CertificateFile = "/etc/two.pem", KeyFile = "/etc/two.key", Http2 = false }));
        await shop.RunAsync("install.sh");
        await two.RunAsync("install.sh");

        await AssertAcceptedAsync(shop, two);
    }

    [Theory]
    [InlineData("parameters", "needs the absolute paths of certificate and key on 'systemd'")]
    [InlineData("relative", "needs the absolute paths of certificate and key on 'systemd'")]
    [InlineData("password", "WithBasicAuth: nginx 'nginx' has no password on 'systemd'")]
    [InlineData("redirect", "has no https on 'systemd': add WithTls")]
    public async Task What_a_server_cannot_have_is_refused_in_one_line(string what, string expected)
    {
        var error = await PublishedFiles.ErrorAsync("publish-systemd", builder =>
        {
            builder.AddSystemdTarget("systemd");
            var nginx = builder.AddNginx("nginx").WithReverseProxy("/", builder.AddSmallProject("api"));
            _ = what switch
            {
                "parameters" => nginx.WithTls(tls => tls with
                {
                    Certificate = builder.AddParameter("c"),
                    PrivateKey = builder.AddParameter("k", secret: true),
                }),
                "password" => nginx.WithBasicAuth("editor", builder.AddParameter("p", secret: true)),
                "relative" => nginx.WithTls(static tls => tls with { CertificateFile = "c.pem", KeyFile = "k.pem" }),
                _ => nginx.WithHttpsRedirect(),
            };
        });

        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    public void Dispose() => _server.Dispose();

    private static void Declare(IDistributedApplicationBuilder builder) => builder.AddNginx("nginx", 8080)
        .WithReverseProxy("/", builder.AddSmallProject("api"))
        .WithServerName("shop.example")
        .WithTls(static tls => tls with
        {
            CertificateFile = $"/{Live}/fullchain.pem",
            KeyFile = $"/{Live}/privkey.pem",
            Hsts = TimeSpan.FromDays(365),
        })
        .WithHttpsRedirect(isPermanent: true)
        .WithCache()
        .WithSecurityHeaders()
        .WithAccessLog()
        .WithAcmeChallenge("/var/www/certbot")
        .WithExternalHttpEndpoints();

    /// <summary>Has the real nginx test the sites with the certificates that are on the server.</summary>
    private async Task AssertAcceptedAsync(params Server.Stack[] stacks)
    {
        var sites = stacks.Select(stack => Directory.GetFiles(Path.Combine(stack.Published.Folder, "etc/nginx/sites-available")).Single())
            .Select(File.ReadAllText)
            .Select(site => site.Replace(" /etc/", $" {_server["etc"]}/", StringComparison.Ordinal)
                .Replace(" /var/cache/", $" {_server["run"]}/", StringComparison.Ordinal));
        File.WriteAllText(_server["nginx.conf"], $"events {{}}\npid {_server["pid"]};\nhttp {{\n{string.Join('\n', sites)}}}\n");
        var start = binary.Command(["-t", "-q", "-e", "stderr", "-c", _server["nginx.conf"]]);
        start.RedirectStandardError = true;
        using var nginx = Process.Start(start)!;
        var output = await nginx.StandardError.ReadToEndAsync();
        await nginx.WaitForExitAsync();
        Assert.True(nginx.ExitCode == 0, output);
    }
}
