using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>
/// The folder that the image of nginx is built from: the Dockerfile, and below <c>nginx</c> what goes to <c>/etc/nginx</c>. It stays
/// after publishing, because tools such as azd build later.
/// </summary>
internal static class BuildContext
{
    public const string Dockerfile = "Dockerfile";

    private const string FilesFolder = "nginx";

    /// <summary>Makes the folder hold what nginx needs and nothing else. What is there already is not written again.</summary>
    /// <exception cref="DistributedApplicationException">A file cannot be read or written.</exception>
    public static void Write(string folder, string dockerfile, IResource nginx)
    {
        var files = NginxImage.FilesFor(nginx).ToDictionary(file => Path.Join(folder, FilesFolder, file.Path), static file => file.Content);
        try
        {
            files.Add(Path.Join(folder, Dockerfile), File.ReadAllBytes(dockerfile));
            foreach (var (path, content) in files)
            {
                Write(path, content);
            }

            foreach (var stray in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => !files.ContainsKey(path)))
            {
                File.Delete(stray);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The image of nginx cannot be prepared in {folder}: {e.Message}", e);
        }
    }

    private static void Write(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}
