using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting.ApplicationModel;
using static Aspire.Hosting.Nginx.Tests.Refusal;

#pragma warning disable ASPIRECERTIFICATES001 // Aspire's certificate API is experimental.

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The endpoint https of an nginx in an application.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class TlsInAnApplicationTests(NginxBinary binary) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Serves_the_certificate_of_Aspires_own_method()
    {
        using var certificate = TestCertificate.Create("aspire.example");
        await using var application = await StartAsync(nginx => nginx.WithHttpsCertificate(certificate).WithStaticFiles("/", Site()));

        Assert.Equal("CN=aspire.example", await application.SubjectAsync());
        await application.WaitForLineAsync("nginx listens on https://");
        var folder = await application.FolderAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode($"{folder}/tls/key.pem"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode($"{folder}/tls"));
        Assert.DoesNotContain(application.Log, static line => line.Contains("PRIVATE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Takes_a_certificate_that_comes_and_one_that_is_renewed_without_a_restart()
    {
        await using var application = await StartAsync(nginx => nginx
            .WithTls(tls => tls with { CertificateFile = _folder["live/certificate.pem"], KeyFile = _folder["live/key.pem"] })
            .WithHttpsRedirect()
            .WithStaticFiles("/", Site()));

        // Without a certificate nginx serves http, and one line says what is missing.
        await application.WaitForStatusAsync(HttpStatusCode.OK);

        Assert.Single(application.Log, line => line.Contains("Error Aspire.Hosting.Nginx: ", StringComparison.Ordinal)
            && line.Contains($"{_folder["live/certificate.pem"]} does not exist", StringComparison.Ordinal));

        // As certbot does it: links that are pointed to new files, one after the other.
        Renew("1", "first.example");
        Assert.Equal("CN=first.example", await application.SubjectAsync());
        await application.WaitForStatusAsync(HttpStatusCode.TemporaryRedirect);

        Renew("2", "second.example");
        await application.WaitForSubjectAsync("CN=second.example");

        // What is of no use does not take the place of what is.
        File.WriteAllText(_folder["archive/key2.pem"], "no key");
        await application.WaitForLineAsync("cannot be used");
        Assert.Equal("CN=second.example", await application.SubjectAsync());
    }

    [Fact]
    public async Task Serves_a_certificate_that_is_given_as_parameters()
    {
        var (certificate, key) = TestCertificate.CreatePem("parameter.example");
        await using var application = await StartAsync(nginx =>
        {
            nginx.ApplicationBuilder.Configuration["Parameters:tls-certificate"] = certificate;
            nginx.ApplicationBuilder.Configuration["Parameters:tls-key"] = key;
            nginx.WithStaticFiles("/", Site()).WithTls(tls => tls with
            {
                Certificate = nginx.ApplicationBuilder.AddParameter("tls-certificate"),
                PrivateKey = nginx.ApplicationBuilder.AddParameter("tls-key", secret: true),
            });
        });

        Assert.Equal("CN=parameter.example", await application.SubjectAsync());
    }

    [Fact]
    public async Task An_endpoint_that_the_AppHost_has_declared_is_served_by_nginx_itself()
    {
        using var certificate = TestCertificate.Create("declared.example");
        await using var application = await StartAsync(
            nginx => nginx.WithHttpsEndpoint().WithHttpsCertificate(certificate).WithStaticFiles("/", Site()));

        Assert.Equal("CN=declared.example", await application.SubjectAsync());
    }

    [Fact]
    public async Task Has_no_endpoint_where_Aspires_own_method_takes_it_away()
    {
        await using var application = await StartAsync(nginx => nginx.WithTls().WithoutHttpsCertificate().WithStaticFiles("/", Site()));

        Assert.DoesNotContain(application.Nginx.Annotations.OfType<EndpointAnnotation>(), static endpoint => endpoint.Name == "https");
    }

    [Fact]
    public void Rejects_what_cannot_be_served()
    {
        var builder = TestApplication.CreateBuilder();
        var nginx = builder.AddNginx("nginx", port: 8080);
        var key = builder.AddParameter("key");

        AssertRefused("belong together", () => nginx.WithTls(tls => tls with { CertificateFile = "a.pem" }));
        AssertRefused(
            "'key' with the private key is no secret", () => nginx.WithTls(tls => tls with { Certificate = key, PrivateKey = key }));
        AssertRefused("has a dollar sign", () => nginx.WithTls(tls => tls with { CertificateFile = "$a", KeyFile = "b" }));
        AssertRefused("Hsts is -1 s", () => nginx.WithTls(tls => tls with { Hsts = TimeSpan.FromSeconds(-1) }));
        AssertRefused("no meaning without Hsts", () => nginx.WithTls(tls => tls with { HstsIncludesSubdomains = true }));
        AssertRefused("must be an absolute path", () => nginx.WithAcmeChallenge("proofs"));
        AssertRefused("has port 8080 for http already", () => nginx.WithHostHttpsPort(8080));
        Assert.Throws<ArgumentOutOfRangeException>(() => nginx.WithHostHttpsPort(65_536));
    }

    public void Dispose() => _folder.Dispose();

    private string Site()
    {
        Directory.CreateDirectory(_folder["site"]);
        File.WriteAllText(_folder["site/index.html"], "site");
        foreach (var folder in new[] { _folder.Path, _folder["site"] })
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        return _folder["site"];
    }

    private void Renew(string number, string name)
    {
        Directory.CreateDirectory(_folder["archive"]);
        Directory.CreateDirectory(_folder["live"]);
        var (certificate, key) = TestCertificate.CreatePem(name);
        foreach (var (file, text) in new[] { ("certificate", certificate), ("key", key) })
        {
            _folder.WriteFile($"archive/{file}{number}.pem", text);
            File.Delete(_folder[$"live/{file}.pem"]);
            File.CreateSymbolicLink(_folder[$"live/{file}.pem"], $"../archive/{file}{number}.pem");
        }
    }

    private async Task<Started> StartAsync(Action<IResourceBuilder<NginxResource>> configure)
    {
        var builder = NginxApplication.CreateBuilder(binary);
        var log = builder.RecordLog();
        var nginx = builder.AddNginx("nginx");
        configure(nginx);
        var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        return new(application, nginx.Resource, log);
    }

    private sealed class Started(DistributedApplication application, NginxResource nginx, IEnumerable<string> log) : IAsyncDisposable
    {
        public NginxResource Nginx => nginx;

        public IEnumerable<string> Log => log;

        /// <summary>Asks over http, until no worker of before a reload answers.</summary>
        public async Task WaitForStatusAsync(HttpStatusCode expected)
        {
            using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
            using var deadline = new CancellationTokenSource(Deadline);
            HttpStatusCode status;
            do
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"{nginx.PrimaryEndpoint.Url}/index.html")
                {
                    Headers = { ConnectionClose = true },
                };
                using var response = await client.SendAsync(request, deadline.Token);
                status = response.StatusCode;
            }
            while (status != expected);
        }

        /// <summary>The name in the certificate that nginx shows as soon as it listens.</summary>
        public async Task<string> SubjectAsync()
        {
            var endpoint = nginx.GetEndpoint("https");
            var subject = "";
            using var client = TestCertificate.Client(endpoint.Port, (X509Certificate2 certificate) => subject = certificate.Subject);
            using var deadline = new CancellationTokenSource(Deadline);
            while (true)
            {
                try
                {
                    Assert.Equal("site", await client.GetStringAsync(new Uri("/index.html", UriKind.Relative), deadline.Token));
                    return subject;
                }
                catch (HttpRequestException) when (!deadline.IsCancellationRequested)
                {
                    // It does not listen yet.
                    await Task.Delay(20, deadline.Token);
                }
            }
        }

        public Task WaitForSubjectAsync(string expected) => UntilAsync(async () => await SubjectAsync() == expected);

        public Task WaitForLineAsync(string text) =>
            UntilAsync(() => Task.FromResult(log.Any(line => line.Contains(text, StringComparison.Ordinal))));

        public async Task<string> FolderAsync()
        {
            var row = await application.ResourceNotifications.WaitForResourceAsync("nginx", _ => true).WaitAsync(Deadline);
            return Path.GetDirectoryName((string)row.Snapshot.Properties.First(static property => property.Name == "nginx.config").Value!)!;
        }

        /// <remarks>Neither a certificate that nginx shows nor a line of a log raises an event.</remarks>
        private static async Task UntilAsync(Func<Task<bool>> condition)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (!await condition())
            {
                await Task.Delay(20, deadline.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await application.StopAsync().WaitAsync(Deadline);
            await application.DisposeAsync();
        }
    }
}
