namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>The block of the configuration into which a snippet goes.</summary>
public enum NginxSnippetContext
{
    /// <summary>The <c>server</c> block: locations, headers, rewrites, compression.</summary>
    Server,

    /// <summary>The <c>http</c> block: maps, zones, upstreams, further servers.</summary>
    Http,
}
