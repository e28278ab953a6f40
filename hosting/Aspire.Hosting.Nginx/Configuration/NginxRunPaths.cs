namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Where one run of nginx keeps what it reads and writes: all of it inside one folder unless said otherwise.</summary>
/// <param name="Folder">The absolute path of the run folder.</param>
internal sealed record NginxRunPaths(string Folder)
{
    /// <summary>The mode of a file that nginx's workers read, which may run as another user (0644).</summary>
    public const UnixFileMode ReadableByWorkers =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public string ConfigurationFile => $"{Folder}/nginx.conf";

    public string CandidateFile => $"{Folder}/candidate.conf";

    public string ProcessIdFile { get; init; } = $"{Folder}/nginx.pid";

    /// <summary>What nginx writes on the way; elsewhere where the folder itself cannot be written.</summary>
    public string TemporaryFolder { get; init; } = $"{Folder}/temp";

    /// <summary>The folders in <see cref="TemporaryFolder"/> that nginx's workers write to.</summary>
    public IEnumerable<string> WorkerFolders => [BodyFolder, ProxyFolder, FastCgiFolder, UwsgiFolder, ScgiFolder];

    public string BodyFolder => $"{TemporaryFolder}/body";

    public string ProxyFolder => $"{TemporaryFolder}/proxy";

    public string FastCgiFolder => $"{TemporaryFolder}/fastcgi";

    public string UwsgiFolder => $"{TemporaryFolder}/uwsgi";

    public string ScgiFolder => $"{TemporaryFolder}/scgi";

    public string ErrorPagesFolder => $"{Folder}/pages";

    public string SnippetsFolder => $"{Folder}/snippets";

    /// <summary>The folder of responses that are kept.</summary>
    public string CacheFolder { get; init; } = $"{Folder}/temp/cache";

    /// <summary>The file with the name and the password of who may come in.</summary>
    public string UserFile { get; init; } = $"{Folder}/users";

    /// <summary>The folder of certificate and key.</summary>
    public string TlsFolder => $"{Folder}/tls";

    public string CertificateFile => $"{TlsFolder}/certificate.pem";

    public string KeyFile => $"{TlsFolder}/key.pem";

    /// <summary>The socket on which nginx shows its connections.</summary>
    public string StatusSocket => $"{Folder}/status.sock";

    /// <summary>The socket on which nginx takes copies of the requests of a route.</summary>
    public string ShadowSocket(int route) => $"{Folder}/s{route}.sock";

    public string ErrorPageFile(int index, NginxErrorPage page) => $"{ErrorPagesFolder}/{ErrorPageName(index, page)}";

    public string SnippetFile(int index) => $"{SnippetsFolder}/{index + 1}.conf";

    public static string ErrorPageName(int index, NginxErrorPage page) => $"{index + 1}.{page.Extension}";
}
