namespace Virt.Remote.Tls;

/// <summary>Something about certificates or keys that keeps them from being used; whoever needs them says for what.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="path">The file concerned.</param>
/// <param name="action">What to do about it.</param>
/// <param name="cause">What led to it, or null.</param>
internal sealed class CertificateException(string message, string path, string action, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The file concerned.</summary>
    public string Path => path;

    /// <summary>What to do about it.</summary>
    public string Action => action;
}
